package demo

import (
	"bytes"
	"slices"
	"testing"
	"time"
)

func TestKeysGrow(t *testing.T) {
	t.Parallel()
	first, last := span()
	before := key(65535, messageKey, 0)
	for _, n := range []int{1, 255, 256, 1_000_000} {
		k := key(65535, messageKey, n)
		if bytes.Compare(before.Bytes[:], k.Bytes[:]) >= 0 || bytes.Compare(k.Bytes[:], last.Bytes[:]) > 0 || bytes.Compare(k.Bytes[:], first.Bytes[:]) < 0 {
			t.Errorf("key %d = %x after %x", n, k.Bytes, before.Bytes)
		}
		if k.Bytes[6]>>4 != 4 || k.Bytes[8]>>6 != 2 {
			t.Errorf("key %d = %x is no UUID of version 4", n, k.Bytes)
		}
		before = k
	}
}

func TestCalendar(t *testing.T) {
	t.Parallel()
	for _, until := range []time.Time{
		time.Date(2026, time.March, 2, 0, 0, 0, 0, time.UTC), time.Date(2026, time.March, 2, 15, 0, 0, 0, time.UTC),
	} {
		starts := calendar(1, 5000, until)
		if len(starts) != 5000 || !slices.IsSortedFunc(starts, time.Time.Compare) {
			t.Fatalf("%d starts, in order: %v", len(starts), slices.IsSortedFunc(starts, time.Time.Compare))
		}
		if first := until.Truncate(24*time.Hour).AddDate(0, 0, -Days); starts[0].Before(first) || !starts[4999].Before(until) {
			t.Errorf("from %s to %s", starts[0], starts[4999])
		}
	}
}

func TestRowsAreAsMany(t *testing.T) {
	t.Parallel()
	for _, rows := range []int{MinRows, 3000, 50_000} {
		tenant, err := newTenant(Options{Seed: 3, Rows: rows, Until: time.Date(2026, time.March, 2, 15, 0, 0, 0, time.UTC)})
		if err != nil {
			t.Fatalf("%d rows: %v", rows, err)
		}
		planned, made := 0, 0
		for _, table := range tenant.tables {
			planned += table.rows
			for row := range table.each {
				if made++; len(row) != len(table.columns) {
					t.Fatalf("%s: %d values for %d columns", table.name, len(row), len(table.columns))
				}
			}
		}
		if planned != rows || made != rows {
			t.Errorf("planned %d, made %d, want %d", planned, made, rows)
		}
	}
}

// Any seed fits into the rows that are planned for it.
func TestSmallestTenantAlwaysFits(t *testing.T) {
	t.Parallel()
	for seed := range uint16(200) {
		if _, err := newTenant(Options{Seed: seed * 311, Rows: MinRows, Until: time.Date(2026, time.March, 2, 15, 0, 0, 0, time.UTC)}); err != nil {
			t.Fatalf("seed %d: %v", seed*311, err)
		}
	}
}
