package devdb

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/dev/devdb/pgserver"
	"github.com/romashka/sidecar/sql/supabase"
)

// DefaultFolder is the data folder, relative to the working directory.
const DefaultFolder = ".romashka"

// databaseName is the one database of a project, as at Supabase.
const databaseName = "postgres"

// Options say where an instance lives. The zero value is a good one.
type Options struct {
	Folder       string   // data folder; "" = DefaultFolder
	Fresh        bool     // delete the folder's contents first
	Port         int      // PostgreSQL's, on 127.0.0.1; 0 = the last one, else any free one
	PostgresBin  string   // folder of PostgreSQL's binaries; "" = look for them, else download
	DownloadFrom string   // Maven repository of the binaries; "" = pgserver's default
	Defaults     Defaults // that a new database is bootstrapped with
	Announce     string   // folder where others look for running instances, see FindRunning; "" = Folder's own
	Logger       *slog.Logger
}

// ErrStopped says that the instance was stopped on purpose.
var ErrStopped = errors.New("instance is stopped")

// Instance is a running database with its data folder.
type Instance struct {
	folder   *folder
	announce string
	log      *slog.Logger
	users    []User // the demo's who are still there

	mu      sync.Mutex // guards the fields below
	server  *pgserver.Server
	stopped bool
	pointer string // file that says where the data folder is; "" = none
}

// Start starts the database of a data folder, after making, bootstrapping and
// filling it if need be, and returns when it answers queries. At most one
// process can have a folder; processes that a killed one left are ended first.
//
// Errors: ErrFolderBusy, ErrForeignFolder, ErrFolderFormat,
// pgserver.ErrNoBinaries, pgserver.ErrPortTaken.
func Start(ctx context.Context, o Options) (*Instance, error) {
	if err := supported(); err != nil {
		return nil, err
	}
	f, err := openFolder(cmp.Or(o.Folder, DefaultFolder))
	if err != nil {
		return nil, err
	}
	i := &Instance{folder: f, announce: o.Announce, log: cmp.Or(o.Logger, slog.New(slog.DiscardHandler))}
	if err := i.start(ctx, o); err != nil {
		return nil, errors.Join(err, f.close())
	}
	return i, nil
}

func (i *Instance) start(ctx context.Context, o Options) error {
	if err := i.prepare(ctx, o.Fresh); err != nil {
		return err
	}
	account, err := pgserver.ServerAccount()
	if err != nil {
		return err
	}
	dir, err := i.folder.clusterDir(account)
	if err != nil {
		return err
	}
	binaries, err := i.findBinaries(ctx, o, dir)
	if err != nil {
		return err
	}
	opts := pgserver.Options{Binaries: binaries, Account: account, Dir: dir, Superuser: Superuser, LogFile: i.folder.file(logName)}
	if !i.folder.marker.Complete {
		return i.create(ctx, o, opts)
	}
	if err := i.open(ctx, o, opts); err != nil {
		return err
	}
	if err := i.renew(ctx); err != nil {
		return errors.Join(err, i.server.Stop(ctx))
	}
	return nil
}

// later are the files that came after the first data folders were made, and the
// demo's clock. Each may find its work done. Read-only.
var later = []string{"31_auth_flows.sql", "36_storage.sql", "demo/freshen.sql"}

// renew brings a database of an earlier start up to date: what a Supabase
// project has by now, demo rows that have grown old, passwords that are others.
func (i *Instance) renew(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, i.AdminURL())
	if err != nil {
		return fmt.Errorf("renew the database: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	for _, name := range later {
		statements, err := supabase.Files.ReadFile(name)
		if err != nil {
			return fmt.Errorf("renew the database: %w", err)
		}
		err = pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
			_, err := tx.Exec(ctx, string(statements))
			return err
		})
		if err != nil {
			return fmt.Errorf("renew the database: %s: %w", name, err)
		}
	}
	i.users, err = known(ctx, conn, i.folder.marker.Users)
	return err
}

// prepare deletes files that must not be there any more.
func (i *Instance) prepare(ctx context.Context, fresh bool) error {
	if fresh {
		return i.folder.wipe(ctx)
	}
	if err := i.folder.checkFormat(); err != nil {
		return err
	}
	if !i.folder.marker.Complete { // new, or an attempt that was cut short
		return i.folder.wipe(ctx)
	}
	return i.folder.unpublish() // by a killed run
}

// findBinaries returns those that fit the cluster, if there is one; it
// downloads some when there are none and it may choose.
func (i *Instance) findBinaries(ctx context.Context, o Options, dir string) (pgserver.Binaries, error) {
	major, err := clusterMajor(dir)
	if err != nil {
		return pgserver.Binaries{}, err
	}
	b, err := pgserver.Find(ctx, o.PostgresBin, major)
	if err == nil || o.PostgresBin != "" || !errors.Is(err, pgserver.ErrNoBinaries) {
		return b, err
	}
	i.log.Info("no PostgreSQL is installed here; downloading one, once")
	b, failed := pgserver.Fetch(ctx, pgserver.FetchOptions{Major: major, Repository: o.DownloadFrom})
	if failed != nil && ctx.Err() == nil {
		return b, fmt.Errorf("%w, and none could be fetched: %w\n%s", err, failed, pgserver.InstallHint(major))
	}
	return b, failed
}

// create makes the cluster. The marker goes first, so that an attempt that is
// cut short is known as ours, and says Complete last.
func (i *Instance) create(ctx context.Context, o Options, opts pgserver.Options) error {
	i.folder.marker = marker{Format: folderFormat, Password: rand.Text(), JWTSecret: newJWTSecret(), Users: NewDemoUsers()}
	if err := i.folder.writeMarker(); err != nil {
		return err
	}
	// A cluster in systemHome outlives its deleted data folder.
	if err := pgserver.Remove(ctx, opts.Dir); err != nil {
		return fmt.Errorf("remove unfinished cluster: %w", err)
	}
	opts.Password = i.folder.marker.Password
	err := pgserver.Init(ctx, pgserver.InitOptions{
		Binaries: opts.Binaries, Account: opts.Account, Dir: opts.Dir,
		Superuser: opts.Superuser, Password: opts.Password,
	})
	if err != nil {
		return err
	}
	if err := i.open(ctx, o, opts); err != nil {
		return err
	}
	if err := i.fill(ctx, o.Defaults); err != nil {
		return errors.Join(err, i.server.Stop(ctx))
	}
	i.folder.marker.Complete = true
	if err := i.folder.writeMarker(); err != nil {
		return errors.Join(err, i.server.Stop(ctx))
	}
	return nil
}

// newJWTSecret is 32 random bytes in hexadecimal, 64 characters long.
func newJWTSecret() string {
	secret := make([]byte, 32)
	rand.Read(secret) // never fails
	return hex.EncodeToString(secret)
}

// fill bootstraps the new database.
func (i *Instance) fill(ctx context.Context, d Defaults) error {
	conn, err := pgx.Connect(ctx, i.AdminURL())
	if err != nil {
		return fmt.Errorf("connect to the new database: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if err := Dress(ctx, conn, d); err != nil {
		return err
	}
	if err := SetPasswords(ctx, conn, i.folder.marker.Password); err != nil {
		return err
	}
	i.users = i.folder.marker.Users
	return addDemo(ctx, conn, i.users)
}

// open starts the server over a cluster that exists, where clients saw it
// last if it can.
func (i *Instance) open(ctx context.Context, o Options, opts pgserver.Options) error {
	// The folder may have been used by another OS user before.
	if err := opts.Account.OwnTree(opts.Dir); err != nil {
		return fmt.Errorf("hand over cluster: %w", err)
	}
	opts.Password = i.folder.marker.Password
	opts.Port = cmp.Or(o.Port, i.folder.marker.Port)
	server, err := pgserver.Start(ctx, opts)
	if errors.Is(err, pgserver.ErrPortTaken) && o.Port == 0 {
		opts.Port = 0
		server, err = pgserver.Start(ctx, opts)
	}
	if err != nil {
		return err
	}
	i.server = server
	if i.folder.marker.Port == server.Port() {
		return nil
	}
	i.folder.marker.Port = server.Port()
	if err := i.folder.writeMarker(); err != nil {
		return errors.Join(err, server.Stop(ctx))
	}
	return nil
}

// Stop ends the database in good order and gives the data folder back. It
// always ends it; ctx bounds only how gently. Stopping twice is harmless.
func (i *Instance) Stop(ctx context.Context) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.stopped {
		return nil
	}
	i.stopped = true
	return errors.Join(i.server.Stop(ctx), i.folder.unpublish(), i.withdraw(), i.folder.close())
}

// Done is closed when the database has ended, also by accident.
func (i *Instance) Done() <-chan struct{} {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.server.Done()
}

// Restart starts a database that ended by accident again, at the same
// address. Errors: ErrStopped after Stop.
func (i *Instance) Restart(ctx context.Context) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.stopped {
		return ErrStopped
	}
	server, err := i.server.Restart(ctx)
	if err != nil {
		return fmt.Errorf("restart database: %w", err)
	}
	i.server = server
	return nil
}

// AdminURL connects as the superuser.
func (i *Instance) AdminURL() string { return i.url(Superuser) }

// OwnerURL connects as postgres, the owner of the project: for migrations,
// background work, the sign-in (devauth) and developers.
func (i *Instance) OwnerURL() string { return i.url("postgres") }

// AuthenticatorURL connects as the role that the API logs in as.
func (i *Instance) AuthenticatorURL() string { return i.url("authenticator") }

func (i *Instance) url(role string) string {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.server.URLAs(role, i.folder.marker.Password, databaseName)
}

// Folder is the absolute path of the data folder.
func (i *Instance) Folder() string { return i.folder.path }

// LogFile is where PostgreSQL writes its messages.
func (i *Instance) LogFile() string { return i.folder.file(logName) }

// JWTSecret signs the project's tokens; it stays the same over restarts.
func (i *Instance) JWTSecret() string { return i.folder.marker.JWTSecret }

// Users are the demo users, with passwords that stay the same over restarts. A
// password that somebody has changed is "": nobody knows it but he. Users who
// were deleted or have another address are left out.
func (i *Instance) Users() []User { return i.users }

// Endpoint holds the addresses that only the server over the database knows.
type Endpoint struct {
	APIURL         string
	AnonKey        string
	ServiceRoleKey string
}

// Publish makes known to others, such as `romashka status`, how to reach the
// instance, until it stops. It returns the published state.
func (i *Instance) Publish(e Endpoint) (State, error) {
	users := make(State, 0, 2*len(i.Users()))
	for _, u := range i.Users() {
		users = append(users, Setting{"DEMO_" + u.Key + "_EMAIL", u.Email})
		if u.Password != "" {
			users = append(users, Setting{"DEMO_" + u.Key + "_PASSWORD", u.Password})
		}
	}
	s := slices.Concat(State{
		{"API_URL", e.APIURL}, {"DB_URL", i.OwnerURL()},
		{"ANON_KEY", e.AnonKey}, {"SERVICE_ROLE_KEY", e.ServiceRoleKey}, {"JWT_SECRET", i.JWTSecret()},
	}, users)
	if err := writeJSON(i.folder.file(stateName), s); err != nil {
		return nil, fmt.Errorf("publish state: %w", err)
	}
	return s, i.point()
}
