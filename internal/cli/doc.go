// Package cli is the command line of romashka: it reads arguments, makes the
// settings of a command from them, calls the package that does the work, and
// turns the outcome into lines of text and an exit code.
//
// It never does the work itself, never reads os.Args, os.Environ or a signal,
// which cmd/romashka hands in, and never ends the process.
package cli
