package migrator

import (
	"context"
)

// Status is the state of a database beside this release's.
type Status struct {
	Migrations []Migration // by version; those of a newer release included
	Functions  []Function
	Indexes    []string // left by applied migrations to be built concurrently
}

// Function is a function of functions/ and how it stands.
type Function struct {
	Signature string `json:"signature"`
	State     string `json:"state"` // "current", "missing", "outdated", "edited" by hand
}

// Version is the newest migration applied, 0 if none is.
func (s Status) Version() uint {
	for i := len(s.Migrations) - 1; i >= 0; i-- {
		if s.Migrations[i].Applied() {
			return s.Migrations[i].Version
		}
	}
	return 0
}

// Pending counts the steps that Up would take.
func (s Status) Pending() (n int) {
	for _, m := range s.Migrations {
		if !m.Applied() {
			n++
		}
	}
	for _, f := range s.Functions {
		if f.State != "current" {
			n++
		}
	}
	return n + len(s.Indexes)
}

// Status reads how the database stands and changes nothing.
func (m *Migrator) Status(ctx context.Context) (status Status, err error) {
	err = m.read(ctx, func(s *session) error {
		status, err = s.status(ctx)
		return err
	})
	return status, err
}

// Version is the newest migration applied, 0 if none is.
func (m *Migrator) Version(ctx context.Context) (version uint, err error) {
	err = m.read(ctx, func(s *session) error {
		applied, err := s.applied(ctx)
		version = Status{Migrations: applied}.Version()
		return err
	})
	return version, err
}

func (s *session) status(ctx context.Context) (Status, error) {
	applied, err := s.applied(ctx)
	if err != nil {
		return Status{}, err
	}
	states, err := s.functionStates(ctx)
	if err != nil {
		return Status{}, err
	}
	later, err := s.laterIndexes(ctx)
	if err != nil {
		return Status{}, err
	}
	status := Status{Migrations: merge(s.plan, applied)}
	for _, x := range later {
		status.Indexes = append(status.Indexes, x.name)
	}
	for _, f := range states {
		status.Functions = append(status.Functions, Function{Signature: f.Signature, State: f.state()})
	}
	return status, nil
}

func (f functionState) state() string {
	switch {
	case !f.exists:
		return "missing"
	case f.current():
		return "current"
	case f.recorded == f.checksum && f.edited():
		return "edited"
	default:
		return "outdated"
	}
}

// merge brings together two lists in order of version.
func merge(plan, applied []Migration) []Migration {
	list := make([]Migration, 0, max(len(plan), len(applied)))
	for len(plan) > 0 || len(applied) > 0 {
		switch {
		case len(applied) == 0 || len(plan) > 0 && plan[0].Version < applied[0].Version:
			list, plan = append(list, plan[0]), plan[1:]
		case len(plan) == 0 || applied[0].Version < plan[0].Version:
			m := applied[0]
			m.Unknown = true
			list, applied = append(list, m), applied[1:]
		default:
			m := applied[0]
			m.Changed = m.Checksum != plan[0].Checksum
			list, plan, applied = append(list, m), plan[1:], applied[1:]
		}
	}
	return list
}
