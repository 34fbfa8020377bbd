package demo

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	lasts = 72 * time.Hour   // longer than any conversation
	late  = 10 * time.Minute // attacks that nobody wrote down by then are not in the log
)

// talks is how many conversations are written, nth the number of the i-th.
func (t *tenant) talks() int {
	if t.chosen != nil {
		return len(t.chosen)
	}
	return len(t.starts)
}

func (t *tenant) nth(i int) int {
	if t.chosen != nil {
		return t.chosen[i]
	}
	return i
}

// Continue writes what happens to a tenant that was loaded with o.Plan between from
// and o.Until: conversations that begin, messages, ends, ratings, and attacks in the
// log. What the plan
// has nothing new of is left as it is, whoever has changed it since. The
// connection is a superuser's: the base's triggers answer to each message
// themselves, so they are not to fire; those that count figures do.
func Continue(ctx context.Context, conn *pgx.Conn, o Options, from time.Time) error {
	plan, until := o.Plan.UTC().Truncate(time.Hour), o.Until.UTC()
	talks := (o.Rows - fixedRows) / rowsPerTalk
	t := &tenant{seed: o.Seed, until: until, customers: talks/3 + 1, last: plan, living: true}
	t.starts = begun(calendar(t.seed, talks, plan), until)
	before := *t
	before.until = from
	t.chosen = []int{}
	for n := len(t.starts) - 1; n >= 0 && t.starts[n].After(from.Add(-lasts)); n-- {
		now, then := t.talk(n), before.talk(n)
		if now.start.After(from) || len(now.turns) != len(then.turns) || now.status != then.status || now.rating != then.rating {
			t.chosen = append(t.chosen, n)
		}
	}
	hits := t.hits(latest(from, until.Add(-late)), until)
	slices.Sort(t.chosen)
	return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "SET LOCAL session_replication_role = replica"); err != nil {
			return fmt.Errorf("turn the base's triggers off: %w", err)
		}
		if err := t.conversations().upsert(ctx, tx, false); err != nil {
			return err
		}
		if err := t.messages(0).upsert(ctx, tx, true); err != nil {
			return err
		}
		if err := t.analytics().upsert(ctx, tx, false); err != nil {
			return err
		}
		if err := t.intruders(hits).upsert(ctx, tx, true); err != nil {
			return err
		}
		if err := t.attacked(hits).upsert(ctx, tx, true); err != nil {
			return err
		}
		return t.comeAndGo(ctx, tx, from)
	})
}
