package kpi_test

import (
	"cmp"
	"fmt"
	"maps"
	"math/bits"
	"slices"
	"strings"
	"testing"
	"time"
)

// A filter is an argument of the figures' functions and the conversations it leaves.
type filter struct {
	name, value string
	of          func(*facts) string
}

// filters are in the order of romashka.kpi_sums. Read-only.
var filters = []filter{
	{"channel", "email", func(f *facts) string { return f.channel }},
	{"team", "sales", func(f *facts) string { return f.team }},
	{"agent", alice, func(f *facts) string { return f.agent }},
	{"priority", "high", func(f *facts) string { return f.priority }},
	{"language", "de", func(f *facts) string { return f.language }},
}

// keysOf are the groups that a fact is in, by the level of romashka.kpi_sums.
func keysOf(f *facts, level string) []string {
	switch level {
	case "all":
		return []string{""}
	case "topic":
		return []string{f.topic}
	case "tag":
		var tags []string
		for _, tag := range f.Tags {
			if tag != nil {
				tags = append(tags, *tag)
			}
		}
		return slices.Compact(slices.Sorted(slices.Values(tags)))
	case "reason":
		if f.n["handoffs"] != 1 {
			return nil
		}
		return []string{or(f.Reason, "not stated")}
	}
	for _, d := range filters {
		if d.name == level {
			return []string{d.of(f)}
		}
	}
	return nil
}

// Every set of filters, with every grouping, agrees with the recomputation where
// percentiles are of histograms, as they are of many conversations: of what is kept, with changes
// on top, and after the job has taken them in. The kept rows are then those of a rebuild. One
// filter is tried with each grouping, for those sums are kept by themselves.
func TestSeveralFilters(t *testing.T) {
	t.Parallel()
	url, owner := database(t)
	until := time.Now().UTC()
	populate(t, owner, 41, 300, until, 12)
	refresh(t, owner, false)
	for i, state := range []string{"kept", "changed", "taken in"} {
		switch state {
		case "changed":
			for _, edit := range edits {
				exec(t, owner, edit)
			}
		case "taken in":
			refresh(t, owner, false)
		}
		as(t, url, alice, func(conn query) {
			severalFilters(t, state, conn, until, i)
			samples(t, state, conn)
			contactPages(t, state, conn, until)
		})
	}
	before := bytes(t, owner)
	exec(t, owner, `UPDATE romashka.kpi_previous SET customer = NULL, channel = NULL, team = NULL, agent = NULL, priority = NULL, language = NULL,
		previous_channel = NULL, previous_team = NULL, previous_agent = NULL, previous_priority = NULL, previous_language = NULL, previous_same = NULL`)
	exec(t, owner, "UPDATE romashka.kpi_state SET previous_by_filter = false")
	as(t, url, alice, func(conn query) { contactPages(t, "not filled by filters", conn, until) })
	refresh(t, owner, false)
	if after := bytes(t, owner); after != before {
		t.Errorf("filled later by filters, other bytes: %s, was %s", after, before)
	}
	for _, old := range []string{
		"UPDATE romashka.kpi_facts SET combination = NULL", "DELETE FROM romashka.kpi_cubes", "DELETE FROM romashka.kpi_pairs", "DELETE FROM romashka.kpi_previous",
		"UPDATE romashka.kpi_state SET cubes = false, pairs = false, pairs_of_two = false, previous = false, previous_by_filter = false",
	} {
		exec(t, owner, old) // as after an update of the release
	}
	as(t, url, alice, func(conn query) {
		severalFilters(t, "not filled yet", conn, until, 3)
		contactPages(t, "not filled yet", conn, until)
	})
	refresh(t, owner, false)
	if after := bytes(t, owner); after != before {
		t.Errorf("filled later, other bytes: %s, was %s", after, before)
	}
	refresh(t, owner, true)
	if after := bytes(t, owner); after != before {
		t.Errorf("a rebuild gives other bytes: %s, was %s", after, before)
	}
}

// Whole days by one filter and another grouping, and topics and tags by two, are answered by
// kpi_pairs alone.
func TestOneFilter(t *testing.T) {
	t.Parallel()
	_, owner := database(t)
	populate(t, owner, 47, 200, time.Now().UTC(), 5)
	refresh(t, owner, false)
	for _, deleted := range []bool{false, true} {
		if deleted {
			exec(t, owner, "DELETE FROM romashka.kpi_pairs")
		}
		for set := range 1 << len(filters) {
			levels := []string{"channel", "team", "agent", "priority", "language", "topic", "tag", "reason"}
			switch bits.OnesCount(uint(set)) {
			case 1:
			case 2:
				levels = []string{"topic", "tag"}
			default:
				continue
			}
			given := slices.Repeat([]string{"NULL"}, 6)
			for i, d := range filters {
				if set&(1<<i) != 0 {
					given[i] = d.value
				}
			}
			if given[2] != "NULL" && bits.OnesCount(uint(set)) == 2 {
				given[2] = "none"
			}
			for _, level := range levels {
				if i := slices.IndexFunc(filters, func(d filter) bool { return d.name == level }); i >= 0 && given[i] != "NULL" {
					continue
				}
				n := collect[struct{ Sums, Waits int }](t, owner, `SELECT (SELECT count(*) FROM romashka.kpi_sums(e.edges, $1, e.filters))::int,
					(SELECT count(*) FROM romashka.kpi_waits(e.edges, $1, e.filters, '{response,resolution}', false))::int
					FROM (VALUES (ARRAY[date_trunc('day', now(), 'UTC') - interval '5 days', date_trunc('day', now(), 'UTC') + interval '1 day'], $2::text::text[])) AS e (edges, filters)`,
					level, "{"+strings.Join(given, ",")+"}")[0]
				if (n.Sums > 0) == deleted || level != "reason" && (n.Waits > 0) == deleted { // waits by reason are those of facts
					t.Errorf("%v by %s: %d sums, %d waits; pairs deleted: %t", given, level, n.Sums, n.Waits, deleted)
				}
			}
		}
	}
}

// A change of one conversation makes few sums anew; all of them are then those of a rebuild.
func TestOneChange(t *testing.T) {
	t.Parallel()
	_, owner := database(t)
	populate(t, owner, 53, 80, time.Now().UTC(), 2)
	refresh(t, owner, false)
	const one = "(SELECT conversation_id FROM romashka.kpi_facts WHERE agent = '" + alice + "' AND channel <> 'unknown' ORDER BY conversation_id LIMIT 1)"
	for _, change := range []string{
		"UPDATE public.conversations SET intent = 'other' WHERE id = " + one,
		"UPDATE public.conversations SET channel_type = 'phone', department = 'billing', priority = CASE priority WHEN 'low' THEN 'high' ELSE 'low' END, language = 'fr' WHERE id = " + one,
		"UPDATE public.conversations SET created_at = created_at - interval '1 day' WHERE id = " + one,
		"UPDATE public.messages SET sender_id = '" + bob + "' WHERE sender_type = 'agent' AND conversation_id = " + one,
		"UPDATE public.conversations SET assigned_agent_id = NULL WHERE id = (SELECT conversation_id FROM romashka.kpi_facts WHERE agent = '" + alice + "' AND agent_messages = 0 ORDER BY conversation_id LIMIT 1)",
		"DELETE FROM public.conversations WHERE id = " + one,
	} {
		exec(t, owner, change)
		refresh(t, owner, false)
		after := bytes(t, owner)
		if refresh(t, owner, true); bytes(t, owner) != after {
			t.Errorf("a rebuild gives other bytes than after %s", change)
		}
	}
}

func severalFilters(t *testing.T, state string, conn query, until time.Time, turn int) {
	t.Helper()
	from := until.Add(-10*24*hour - 5*time.Hour)
	in := within(all(readWorld(t, conn)), from, until)
	levels := []string{"all", "channel", "team", "agent", "priority", "language", "topic", "tag", "reason"}
	for set := 1; set < 1<<len(filters); set++ {
		if set&(set-1) == 0 {
			for _, level := range levels {
				filtered(t, state, conn, in, filters, set, level, from, until)
			}
		} else if set%3 == turn%3 { // sets of several take turns
			filtered(t, state, conn, in, filters, set, levels[(set+turn)%len(levels)], from, until)
		}
		if bits.OnesCount(uint(set)) == 2 { // by which topics and tags are kept, of agents those of none
			none := slices.Clone(filters)
			none[2].value = "none"
			filtered(t, state, conn, in, none, set, []string{"topic", "tag"}[(set+turn)%2], from, until)
		}
	}
}

// filtered holds one report against the recomputation: of the filters whose bits are in set,
// by level.
func filtered(t *testing.T, state string, conn query, list []*facts, filters []filter, set int, level string, from, until time.Time) {
	t.Helper()
	given := make([]string, 6)
	for i := range given {
		given[i] = "NULL"
	}
	for i, d := range filters {
		if set&(1<<i) != 0 {
			given[i] = d.value
			list = keep(list, func(f *facts) bool { return d.of(f) == d.value })
		}
	}
	want := map[string][]*facts{}
	for _, f := range list {
		for _, key := range keysOf(f, level) {
			want[key] = append(want[key], f)
		}
	}
	name := fmt.Sprintf("%s, {%s} by %s", state, strings.Join(given, ","), level)
	rows := collect[keyed](t, conn, "SELECT key, "+columns+` FROM romashka.kpi_report(ARRAY[$1, $2]::timestamptz[], $3, $4::text::text[],
		(SELECT array_agg(figure) FROM romashka.kpi_catalogue() WHERE kind NOT IN ('none', 'contacts')), 0)`, from, until, level, "{"+strings.Join(given, ",")+"}")
	got := map[string][]figure{}
	for _, r := range rows {
		got[*r.Key] = append(got[*r.Key], r.figure)
	}
	for key := range want {
		if len(got[key]) == 0 {
			t.Errorf("%s: nothing of %q", name, key)
		}
	}
	for key, figures := range got {
		compare(t, name+", "+key, figures, want[key], 0.0201)
	}
}

// samples holds that customers counted in parts are those whose hash falls into the first.
func samples(t *testing.T, state string, conn query) {
	t.Helper()
	type row struct {
		Parts     int
		Level     string
		Got, Want int
	}
	for _, r := range collect[row](t, conn, `SELECT p.parts, l.level, COALESCE((SELECT sum(c.customers) FROM romashka.kpi_contacts(e.edges, l.level, '{NULL,sales,NULL,NULL,de,NULL}', p.parts) AS c), 0)::int,
			(SELECT count(DISTINCT (f.customer, k.key)) FROM romashka.kpi_facts_now(e.edges[1], e.edges[2], false) AS f
				CROSS JOIN LATERAL unnest(CASE l.level WHEN 'all' THEN '{""}' WHEN 'channel' THEN ARRAY[f.channel] ELSE f.tags END) AS k (key)
				WHERE f.team = 'sales' AND f.language = 'de' AND uuid_hash(f.customer) & (p.parts - 1) = 0)::int
		FROM (VALUES (ARRAY[now() - interval '9 days', now()])) AS e (edges), (VALUES (1), (16), (64), (256)) AS p (parts), (VALUES ('all'), ('channel'), ('tag')) AS l (level)`) {
		if r.Got != r.Want {
			t.Errorf("%s: one customer in %d by %s: %d, want %d", state, r.Parts, r.Level, r.Got, r.Want)
		}
	}
}

// contactPages holds that pages of contacts are each customer's first conversation of the
// range that meets the filters, the newest first, wherever the range begins: by none, each
// one, each two and all but one.
func contactPages(t *testing.T, state string, conn query, until time.Time) {
	t.Helper()
	world := all(readWorld(t, conn))
	for set := range 1 << len(filters) {
		if n := bits.OnesCount(uint(set)); n == 3 || n == 5 {
			continue
		}
		list, given := world, ""
		for i, d := range filters {
			if set&(1<<i) != 0 {
				list = keep(list, func(f *facts) bool { return d.of(f) == d.value })
				given += ", " + d.name + " => '" + d.value + "'"
			}
		}
		for _, days := range []int{1, 3, 6, 30} {
			from := until.Add(-time.Duration(days) * 24 * hour)
			want := firsts(within(list, from, until))
			if len(want) == 0 && days == 30 && bits.OnesCount(uint(set)) < 3 {
				t.Errorf("%s: no contacts of %d days%s", state, days, given)
			}
			type pages struct{ Whole, Pages []string }
			got := collect[pages](t, conn, `SELECT ARRAY(SELECT c.conversation_id::text FROM public.get_conversations($1, $2, figure => 'contacts'`+given+`) AS c),
				ARRAY(SELECT c.conversation_id::text FROM generate_series(0, 3) AS n (n) CROSS JOIN LATERAL public.get_conversations($1, $2, figure => 'contacts', max_rows => $3, skip_rows => n.n * $3`+given+`) AS c)`,
				from, until, len(want)/3+1)[0]
			if !slices.Equal(got.Whole, want) || !slices.Equal(got.Pages, want) {
				t.Errorf("%s: contacts of %d days%s are\n%v, by pages\n%v, want\n%v", state, days, given, got.Whole, got.Pages, want)
			}
		}
	}
}

// firsts are the ids of each customer's first conversation, the newest first.
func firsts(list []*facts) (ids []string) {
	first := map[string]*facts{}
	for _, f := range list {
		if e := first[f.customer]; e == nil || cmp.Or(f.start.Compare(e.start), cmp.Compare(f.ID, e.ID)) < 0 {
			first[f.customer] = f
		}
	}
	for _, f := range slices.SortedFunc(maps.Values(first), func(a, b *facts) int { return cmp.Or(b.start.Compare(a.start), cmp.Compare(a.ID, b.ID)) }) {
		ids = append(ids, f.ID)
	}
	return ids
}
