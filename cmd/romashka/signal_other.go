//go:build !unix

package main

import "github.com/romashka/sidecar/internal/cli"

// signals is none: these systems have no SIGUSR1. NOTIFY works everywhere.
func signals() <-chan cli.Signal { return nil }
