package migrator

import (
	"context"
	"fmt"
)

// Standing is how the migrations of a database stand beside this release's.
type Standing struct {
	Version uint // the newest applied, 0 for none
	Release uint // the newest of this release
	Missing int  // of this release, and not applied
	Newer   int  // applied, and newer than all of this release
}

// Standing reads the history and changes nothing. The login needs to read
// romashka.schema_migrations; without that right the error is the database's.
func (m *Migrator) Standing(ctx context.Context) (Standing, error) {
	standing := Standing{Release: m.release()}
	err := m.read(ctx, func(s *session) error {
		applied, err := s.applied(ctx)
		if err != nil {
			return err
		}
		for _, one := range merge(s.plan, applied) {
			switch {
			case !one.Applied():
				standing.Missing++
			case one.Version > standing.Release:
				standing.Newer++
			}
		}
		standing.Version = Status{Migrations: applied}.Version()
		return nil
	})
	return standing, err
}

// release is the newest migration of this release.
func (m *Migrator) release() uint {
	if len(m.plan) == 0 {
		return 0
	}
	return m.plan[len(m.plan)-1].Version
}

// UnknownError says that the newest migration of a database is none of this
// release's, so that no step leads from it up or down.
type UnknownError struct {
	Version uint // of the database
	Release uint // the newest of this release
}

func (e *UnknownError) Error() string {
	p := e.problem()
	return "the " + p.Object + " " + p.Fault + ": " + p.Remedy
}

func (e *UnknownError) problem() Problem {
	p := Problem{
		Object: "schema",
		Fault:  fmt.Sprintf("is at %d, which is newer than this release of romashka (%d)", e.Version, e.Release),
		Remedy: "use the release that brought it, or a newer one; its migrate down leads back",
	}
	if e.Version < e.Release {
		p.Fault = fmt.Sprintf("is at %d, a migration that this release of romashka (%d) does not have", e.Version, e.Release)
		p.Remedy = "use the release that brought it; where this release makes the same under another number, migrate force records that"
	}
	return p
}

// known returns an *UnknownError where no step of this release leads on from the
// newest of the applied migrations.
func (m *Migrator) known(applied []Migration) error {
	version := Status{Migrations: applied}.Version()
	if version == 0 || m.knows(version) {
		return nil
	}
	return &UnknownError{Version: version, Release: m.release()}
}
