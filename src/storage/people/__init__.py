"""Who is who: identities, merging two rows of one person, erasing a person."""
