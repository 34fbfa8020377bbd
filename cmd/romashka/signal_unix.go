//go:build unix

package main

import (
	"os"
	"os/signal"
	"syscall"

	"github.com/romashka/sidecar/internal/cli"
)

// signals passes on the signals that do not end the process.
func signals() <-chan cli.Signal {
	in := make(chan os.Signal, 1)
	signal.Notify(in, syscall.SIGUSR1, syscall.SIGUSR2, syscall.SIGHUP)
	out := make(chan cli.Signal)
	go func() {
		for s := range in { // for as long as the process lives
			switch s {
			case syscall.SIGUSR1:
				out <- cli.ReloadSchema
			case syscall.SIGUSR2:
				out <- cli.ReloadConfig
			default:
				out <- cli.Hangup
			}
		}
	}()
	return out
}
