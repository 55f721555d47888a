// Answers questions for everybody, puts them aside, and removes answers.
import { send } from "./api.js";
import { tell } from "./format.js";

async function done(card, asked, said) {
  try {
    await asked;
  } catch (error) {
    return tell(error.message);
  }
  const next = card.nextElementSibling ?? card.previousElementSibling;
  card.remove();
  next?.querySelector("input, button")?.focus();
  tell(said);
  if (!next) setTimeout(() => location.reload(), 2000); // the page says that nothing is left
}

for (const form of document.querySelectorAll("[data-group]")) {
  const group = JSON.parse(form.dataset.group);
  const card = form.closest("li");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const { question, answer } = form.elements;
    const body = { ...group, question: question.value, answer: answer.value };
    done(card, send("POST", "questions", {}, body), "The bot gives this answer from now on.");
  });
  form.elements.aside.addEventListener("click", () => {
    done(card, send("POST", "questions/aside", {}, { ids: group.ids }), "Put aside.");
  });
}

for (const button of document.querySelectorAll("[data-remove]")) {
  button.addEventListener("click", () => {
    const query = { question: button.dataset.remove };
    done(button.closest("li"), send("DELETE", "questions", query), "The bot gives this answer no more.");
  });
}
