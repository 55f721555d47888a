"""Acts on a person in all tables: identities, merging two rows of one person, erasing."""
