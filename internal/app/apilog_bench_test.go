package app_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/romashka/sidecar/internal/devdb"
	"github.com/romashka/sidecar/internal/devdb/pgtest"
	"github.com/romashka/sidecar/internal/migrator"
)

// BenchmarkAPILog is what the API log costs: pairs of rounds with and without
// it over one database, in turns, so that a busy machine disturbs both alike.
// Each pair gives one loss; the median is reported.
//
// "full" asks as fast as it can with 32 connections, the log's own work on the
// same machine included; "5000/s" asks at that rate and shows whether it is
// still reached.
func BenchmarkAPILog(b *testing.B) {
	for _, tt := range []struct {
		name string
		rate float64 // requests a second; 0 = as many as possible
	}{{"full", 0}, {"5000 a second", 5000}} {
		b.Run(tt.name, func(b *testing.B) {
			owner, api := database(b)
			admin := pgtest.As(b, owner, devdb.Superuser)
			m, err := migrator.New(admin, migrator.Options{})
			if err != nil {
				b.Fatal(err)
			}
			if err := m.Up(context.Background()); err != nil {
				b.Fatal(err)
			}
			flags := map[string]string{"log-level": "crit"}
			off := start(b, api, flags).ready(b)
			flags["romashka-db-background-uri"] = admin
			on := start(b, api, flags).ready(b)
			var losses, offs, ons []float64
			for i := 0; b.Loop(); i++ {
				var without, with float64
				if i%2 == 0 {
					without, with = load(b, off.URL, tt.rate), load(b, on.URL, tt.rate)
				} else {
					with, without = load(b, on.URL, tt.rate), load(b, off.URL, tt.rate)
				}
				losses, offs, ons = append(losses, 100*(1-with/without)), append(offs, without), append(ons, with)
			}
			b.ReportMetric(median(losses), "%loss")
			b.ReportMetric(median(offs), "off_req/s")
			b.ReportMetric(median(ons), "on_req/s")
		})
	}
}

func median(list []float64) float64 {
	slices.Sort(list)
	return list[len(list)/2]
}

// load asks for a while and returns the requests answered a second.
func load(b *testing.B, url string, rate float64) float64 {
	b.Helper()
	const (
		connections = 32
		round       = 2 * time.Second
	)
	request := "GET /items?select=id,name&id=eq.2 HTTP/1.1\r\nHost: h\r\nUser-Agent: bench\r\nAuthorization: Bearer " + token(b, "authenticated") + "\r\n\r\n"
	var answered, due atomic.Int64
	var clients sync.WaitGroup
	began := time.Now()
	for range connections {
		c, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
		if err != nil {
			b.Fatal(err)
		}
		clients.Go(func() {
			defer c.Close()
			r := bufio.NewReader(c)
			for time.Since(began) < round {
				if rate > 0 { // the n-th request is due at n/rate
					at := time.Duration(float64(due.Add(1)) / rate * float64(time.Second))
					if wait := at - time.Since(began); wait > 0 {
						<-time.After(wait)
					}
				}
				if _, err := io.WriteString(c, request); err != nil {
					b.Error(err)
					return
				}
				if err := skip(r); err != nil {
					b.Error(err)
					return
				}
				answered.Add(1)
			}
		})
	}
	clients.Wait()
	return float64(answered.Load()) / time.Since(began).Seconds()
}

// skip reads one answer, which must be a 200 with a length.
func skip(r *bufio.Reader) error {
	length := 0
	for first := true; ; first = false {
		line, err := r.ReadString('\n')
		if err != nil {
			return err
		}
		if first && !strings.Contains(line, " 200 ") {
			return io.ErrUnexpectedEOF
		}
		if value, ok := strings.CutPrefix(line, "Content-Length: "); ok {
			for _, c := range strings.TrimSpace(value) {
				length = 10*length + int(c-'0')
			}
		}
		if line == "\r\n" {
			_, err := r.Discard(length)
			return err
		}
	}
}
