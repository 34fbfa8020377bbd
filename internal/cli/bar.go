package cli

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

// bar is a progress bar on a terminal, and nothing elsewhere.
type bar struct {
	out   io.Writer // nil: no terminal
	unit  string    // of what is counted
	shown int       // percent
}

func newBar(w io.Writer, unit string) *bar {
	if !isTerminal(w) {
		return &bar{}
	}
	return &bar{out: w, unit: unit, shown: -1}
}

func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// show draws the bar anew when a percent is done.
func (b *bar) show(done, total int64) {
	percent := int(100 * min(done, total) / max(1, total))
	if b.out == nil || percent == b.shown {
		return
	}
	const width = 40
	full := width * percent / 100
	b.shown = percent
	fmt.Fprintf(b.out, "\r\x1b[K[%s%s] %3d %%  %d %s", strings.Repeat("#", full), strings.Repeat(".", width-full), percent, done, b.unit)
}

// end leaves the line.
func (b *bar) end() {
	if b.out != nil && b.shown >= 0 {
		fmt.Fprintln(b.out)
	}
}

// busy shows on a terminal how long something takes of which nobody knows how much is
// left, from its first second on until end is called.
func busy(w io.Writer, what string) (end func()) {
	if !isTerminal(w) {
		return func() {}
	}
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		began := time.Now()
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				fmt.Fprint(w, "\r\x1b[K")
				return
			case <-tick.C:
				fmt.Fprintf(w, "\r\x1b[K%s, %s", what, time.Since(began).Round(time.Second))
			}
		}
	}()
	return func() {
		close(stop)
		<-stopped
	}
}
