package schemacache_test

import (
	"fmt"
	"testing"

	"github.com/romashka/sidecar/internal/postgrest/schemacache"
)

// largeFacts are 10,000 tables with two foreign keys each.
func largeFacts() schemacache.Facts {
	facts := schemacache.Facts{Schemas: []string{"api"}}
	entity := func(i int) string { return fmt.Sprintf("entity_%d", i%10_000) }
	for i := range 10_000 {
		facts.Tables = append(facts.Tables, table(entity(i), "a", "b"))
		facts.ForeignKeys = append(facts.ForeignKeys,
			fk(entity(i)+"_a", entity(i)+"(a*) -> "+entity(i*7)+"(id)", false),
			fk(entity(i)+"_b", entity(i)+"(b*) -> "+entity(i*13)+"(id)", false))
	}
	return facts
}

func BenchmarkNew(b *testing.B) {
	b.ReportAllocs()
	facts := largeFacts()
	for b.Loop() {
		schemacache.New(facts)
	}
}

func BenchmarkRelationships(b *testing.B) {
	c := schemacache.New(largeFacts())
	b.ReportAllocs()
	for b.Loop() {
		c.Relationships(name("entity_7"), "api")
	}
}

func BenchmarkNearTable(b *testing.B) {
	c := schemacache.New(largeFacts())
	c.NearTable("api", "x") // builds the index
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ { // each another, or it would be remembered
		c.NearTable("api", fmt.Sprint("entitty_", i))
	}
}

func BenchmarkNearTableFirst(b *testing.B) {
	facts := largeFacts()
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		c := schemacache.New(facts)
		b.StartTimer()
		c.NearTable("api", "entitty_1234")
	}
}
