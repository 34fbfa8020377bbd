// Package subject gathers the rows of one person in a database, gives them to him
// as a file, and erases them.
//
// A person is known by an e-mail address. Rows are found by searching texts and
// JSON of every table, then by following foreign keys, whatever they are called:
// composite ones, cycles, other schemas. A table without a key is found by the
// person's uuid, by the names of columns, and by the rows of
// romashka.subject_rules. Rows are his, or mention him (he resolved a ticket, a log
// has his address).
//
// Erasing deletes his rows, keeps a row without him where it must stay (a bill, an
// incident), leaves trails as they are with the reason, and searches again to show
// the rows that are left. It works in batches and may be broken off and begun anew:
// the person's own row goes last.
//
// It never decides who is the person: that two addresses or names are one man is
// said by people.
package subject
