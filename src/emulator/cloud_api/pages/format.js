// WhatsApp's marks (*bold* _italic_ ~strike~ `code` ```block```) as elements. Text stays text: nothing
// that somebody wrote is ever read as HTML.

const MARKS = [
  { mark: /```([\s\S]+?)```/, tag: "code" },
  { mark: /`([^`\n]+)`/, tag: "code" },
  { mark: /(?<![\p{L}\p{N}*])\*(\S(?:[^*\n]*\S)?)\*(?![\p{L}\p{N}*])/u, tag: "strong" },
  { mark: /(?<![\p{L}\p{N}_])_(\S(?:[^_\n]*\S)?)_(?![\p{L}\p{N}_])/u, tag: "em" },
  { mark: /(?<![\p{L}\p{N}~])~(\S(?:[^~\n]*\S)?)~(?![\p{L}\p{N}~])/u, tag: "s" },
  { mark: /(https?:\/\/[^\s<>"]+[^\s<>".,;:!?)])/, tag: "a" },
];

export function formatted(text) {
  const fragment = document.createDocumentFragment();
  let rest = text;
  while (rest) {
    const found = first(rest);
    if (!found) {
      fragment.append(rest);
      break;
    }
    fragment.append(rest.slice(0, found.index), element(found));
    rest = rest.slice(found.index + found[0].length);
  }
  return fragment;
}

function first(text) {
  let nearest = null;
  for (const { mark, tag } of MARKS) {
    const found = mark.exec(text);
    if (found && (!nearest || found.index < nearest.index)) nearest = Object.assign(found, { tag });
  }
  return nearest;
}

function element({ tag, 1: inner }) {
  const made = document.createElement(tag);
  if (tag === "a") Object.assign(made, { href: inner, target: "_blank", rel: "noreferrer" });
  made.append(tag === "code" || tag === "a" ? inner : formatted(inner));
  return made;
}
