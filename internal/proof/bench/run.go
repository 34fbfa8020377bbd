package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"
)

// crowd is the number of connections at which the targets are stated.
const crowd = 64

// otherCrowds are measured in one round each, to see where a curve bends.
var otherCrowds = [...]int{1, 8, 256} // read only

func run(ctx context.Context, o options) (err error) {
	begin := time.Now()
	b := &bench{options: o}
	defer func() { err = errors.Join(err, b.stop(ctx)) }()
	if err := b.start(ctx); err != nil {
		return err
	}
	r := newReport(ctx, b)
	r.printHead(os.Stdout)
	for _, w := range cases() {
		if !o.only.MatchString(w.name) {
			continue
		}
		if err := b.runCase(ctx, w, r); err != nil {
			return err
		}
	}
	if err := b.runExtras(ctx, r); err != nil {
		return err
	}
	r.Took = time.Since(begin).Round(time.Second).String()
	return r.close(os.Stdout, o)
}

func (b *bench) runCase(ctx context.Context, w work, r *report) error {
	o, err := b.measure(ctx, w, crowd, b.rounds)
	if err != nil {
		return err
	}
	r.add(os.Stdout, o)
	if w.few || b.short {
		return nil
	}
	for _, conns := range otherCrowds {
		if o, err = b.measure(ctx, w, conns, 1); err != nil {
			return err
		}
		r.add(os.Stdout, o)
	}
	return nil
}

func (b *bench) start(ctx context.Context) (err error) {
	fmt.Fprintf(os.Stdout, "loading %d rows of logs, a tenth of each other table ...\n", b.scale)
	if b.db, err = startDatabase(ctx, b.folder, b.scale); err != nil {
		return err
	}
	if b.postgres, err = b.db.pid(); err != nil {
		return err
	}
	if b.ceiling, err = newCeiling(ctx, b.db.url(apiLogin)); err != nil {
		return err
	}
	if b.server, err = b.serveOver(ctx, "romashka"); err != nil {
		return err
	}
	if b.options.rival != "" {
		b.rival, err = startSubject(ctx, subjectOptions{
			name: "postgrest", binary: b.options.rival, db: b.db.url(apiLogin), folder: b.db.folder,
		})
		if err != nil {
			return err
		}
	}
	if b.client, err = startClient(ctx); err != nil {
		return err
	}
	b.floor, err = startFloor(ctx)
	return err
}

// serveOver starts a sidecar over the database; its log gets that name.
func (b *bench) serveOver(ctx context.Context, name string) (*subject, error) {
	return startSubject(ctx, subjectOptions{
		name: name, binary: b.binary, args: []string{"serve"}, db: b.db.url(apiLogin), folder: b.db.folder,
	})
}

// stop ends all that was started, the database last.
func (b *bench) stop(ctx context.Context) error {
	var errs []error
	if b.client != nil {
		errs = append(errs, b.client.stop())
	}
	if b.floor != nil {
		errs = append(errs, b.floor.stop())
	}
	for _, s := range []*subject{b.server, b.rival} {
		if s != nil {
			errs = append(errs, s.stop())
		}
	}
	if b.db != nil {
		errs = append(errs, b.db.stop(ctx))
	}
	return errors.Join(errs...)
}
