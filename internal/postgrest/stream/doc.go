// Package stream answers with the rows of a cursor, one line each: gathered
// where they are few, else as they come, read ahead of a slow client as far as
// the memory for answers allows.
//
// It never makes SQL, and never keeps a connection longer than its rows last.
package stream
