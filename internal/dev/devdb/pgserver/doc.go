// Package pgserver runs one private PostgreSQL: it finds the binaries, makes a
// data directory, starts the server on 127.0.0.1 and stops it again.
//
// It works as root (the server then runs as the OS user postgres, else nobody)
// and as an ordinary user. It never touches a data directory that its caller
// did not name, and knows nothing of Supabase or ROMASHKA.
package pgserver
