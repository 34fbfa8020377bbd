package devdb

import (
	"errors"
	"os"
)

const alone, shared = 0, 0

var errLocked = errors.New("another process has it")

// supported refuses: a server here can be killed and not be stopped, and one that
// outlives us not be found.
func supported() error {
	return errors.New("a PostgreSQL of its own is started on Linux and macOS only; use WSL, or romashka serve over a PostgreSQL that runs")
}

func tryLock(*os.File, int) error { return nil }
