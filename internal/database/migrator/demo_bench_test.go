package migrator_test

import (
	"context"
	"testing"

	"github.com/romashka/sidecar/internal/database/migrator/demo"
)

// BenchmarkDemo fills a million rows.
func BenchmarkDemo(b *testing.B) {
	const rows = 1_000_000
	for b.Loop() {
		b.StopTimer()
		_, m := migrated(b)
		b.StartTimer()
		if err := m.LoadDemo(context.Background(), demo.Options{Seed: 1, Rows: rows, Until: afternoon}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(rows*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}
