package app

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/romashka/sidecar/internal/database/migrator"
	"github.com/romashka/sidecar/internal/database/migrator/demo"
	"github.com/romashka/sidecar/internal/platform/service"
	"github.com/romashka/sidecar/internal/security/monitor"
)

// The world of a developer's instance: three months of a small help desk, about
// eighty conversations a day. It is planned for two days ahead, so that what happens
// while it runs is part of the same plan.
const (
	worldRows  = 80_000
	worldSeed  = 1
	worldAhead = 48 * time.Hour
	worldTick  = 20 * time.Second
)

// worldState is kept in the data folder: which plan the rows are of, and how far
// they are written.
type worldState struct {
	Plan  time.Time `json:"plan"`
	Until time.Time `json:"until"`
}

func (d *dev) worldFile() string { return filepath.Join(d.instance.Folder(), "world.json") }

func (d *dev) readWorld() (s worldState) {
	text, err := os.ReadFile(d.worldFile())
	if err != nil || json.Unmarshal(text, &s) != nil {
		return worldState{}
	}
	return s
}

func (d *dev) keepWorld(s worldState) error {
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	if err := os.WriteFile(d.worldFile(), text, 0o600); err != nil {
		return fmt.Errorf("keep the state of the world: %w", err)
	}
	return nil
}

// fillWorld makes the world, where there is none, or none of these days.
func (d *dev) fillWorld(ctx context.Context, m *migrator.Migrator) error {
	now := time.Now().UTC()
	if s := d.readWorld(); now.Before(s.Plan) && !now.Before(s.Until) {
		return nil
	}
	d.say("Making three months of conversations ...\n")
	s := worldState{Plan: now.Truncate(24 * time.Hour).Add(worldAhead), Until: now.Truncate(time.Hour)}
	if err := m.LoadDemo(ctx, demo.Options{Seed: worldSeed, Rows: worldRows, Until: now, Plan: s.Plan, Replace: true}); err != nil {
		return err
	}
	if err := m.DropSample(ctx); err != nil {
		return err
	}
	if err := d.detectWorld(ctx, now); err != nil {
		return err
	}
	return d.keepWorld(s)
}

// detectWorld finds the incidents of the world's past, as `romashka detect` does.
// What happens from now on is found by the job.
func (d *dev) detectWorld(ctx context.Context, until time.Time) error {
	db, err := service.New(service.Options{URI: d.instance.OwnerURL(), Setting: "the instance", Name: "romashka detect"})
	if err != nil {
		return err
	}
	conn, err := db.Connect(ctx, service.Transaction)
	if err != nil {
		return err
	}
	defer service.Close(ctx, conn)
	_, err = monitor.Run(ctx, conn, monitor.Options{Span: monitor.Span{From: until.AddDate(0, 0, -demo.Days), To: until}})
	return err
}

// liveOn writes what happens in the world, until ctx ends. A failure is told, and
// tried again: the world is no reason to end the instance.
func (d *dev) liveOn(ctx context.Context) {
	tick := time.NewTicker(worldTick)
	defer tick.Stop()
	for {
		if err := d.goOn(ctx); err != nil && ctx.Err() == nil {
			d.log.WarnContext(ctx, "the world does not go on", slog.Any("err", err))
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (d *dev) goOn(ctx context.Context) error {
	s := d.readWorld()
	now := time.Now().UTC()
	if !now.Before(s.Plan) {
		m, err := migrator.New(d.instance.OwnerURL(), migrator.Options{Logger: d.log})
		if err != nil {
			return err
		}
		return d.fillWorld(ctx, m)
	}
	db, err := service.New(service.Options{URI: d.instance.AdminURL(), Setting: "the instance", Name: "romashka world"})
	if err != nil {
		return err
	}
	conn, err := db.Connect(ctx, service.Session)
	if err != nil {
		return err
	}
	defer service.Close(ctx, conn)
	if err := demo.Continue(ctx, conn, demo.Options{Seed: worldSeed, Rows: worldRows, Until: now, Plan: s.Plan}, s.Until); err != nil {
		return err
	}
	s.Until = now
	return d.keepWorld(s)
}
