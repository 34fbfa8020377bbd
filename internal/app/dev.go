package app

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"path/filepath"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/sync/errgroup"

	"github.com/romashka/sidecar/internal/auth"
	"github.com/romashka/sidecar/internal/config"
	"github.com/romashka/sidecar/internal/database/migrator"
	"github.com/romashka/sidecar/internal/dev/devauth"
	"github.com/romashka/sidecar/internal/dev/devdb"
	"github.com/romashka/sidecar/internal/dev/devdb/freeport"
	"github.com/romashka/sidecar/internal/edge/server"
	"github.com/romashka/sidecar/internal/edge/welcome"
	"github.com/romashka/sidecar/internal/platform/notify"
	"github.com/romashka/sidecar/internal/platform/observe"
	"github.com/romashka/sidecar/internal/platform/service"
)

// DefaultDevPort is where RunDev serves the API.
const DefaultDevPort = 54399

// devHost is this machine only: the demo's passwords are on the screen.
const devHost = "127.0.0.1"

// DevOptions say how a developer's instance runs. The zero value is a good one.
type DevOptions struct {
	Version     string
	Folder      string            // data folder; "" = devdb.DefaultFolder
	Announce    string            // folder where others look for running instances; "" = Folder's own
	Fresh       bool              // delete the folder's contents first
	Port        int               // of the API, on 127.0.0.1; 0 = DefaultDevPort, < 0 = any free one
	PostgresBin string            // folder of PostgreSQL's binaries; "" = look for them
	Settings    map[string]string // by file key; they win over the instance's own
	World       bool              // three months of conversations that go on, in place of the seed's sample rows
	Defaults    devdb.Defaults    // of a new data folder: those of today's projects, or of older ones

	Stdout io.Writer // for the developer's messages; none when nil
	LogTo  io.Writer // os.Stderr when nil
}

// dev is a developer's instance while it runs.
type dev struct {
	o        DevOptions
	log      *slog.Logger
	instance *devdb.Instance
	keys     keys
	admin    int            // port of the admin server
	held     []net.Listener // of both ports, until they are served on
}

// RunDev starts a database of its own, brings it up to date, fills it, serves it
// and says how to reach it, until ctx ends. Then it stops all of it.
func RunDev(ctx context.Context, o DevOptions) error {
	o.Port = cmp.Or(o.Port, DefaultDevPort)
	o.Stdout = cmp.Or[io.Writer](o.Stdout, io.Discard)
	d := &dev{o: o, log: slog.New(slog.DiscardHandler)}
	if o.LogTo != nil {
		d.log = observe.NewLogger(observe.LogOptions{Writer: o.LogTo, Level: slog.LevelWarn})
	}
	err := d.run(ctx)
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return nil // it was to end
	}
	return err
}

func (d *dev) run(ctx context.Context) (err error) {
	defer func() { err = errors.Join(err, d.release()) }()
	if err := d.choosePorts(ctx); err != nil {
		return err
	}
	d.say("Starting the database ...\n")
	d.instance, err = devdb.Start(ctx, devdb.Options{
		Defaults: d.o.Defaults, Folder: d.o.Folder, Announce: d.o.Announce, Fresh: d.o.Fresh, PostgresBin: d.o.PostgresBin, Logger: d.log,
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.stopDatabase(ctx)) }()
	if err := d.migrate(ctx); err != nil {
		return err
	}
	if d.keys, err = newKeys(d.instance.JWTSecret()); err != nil {
		return err
	}
	return d.serve(ctx)
}

// choosePorts finds a taken port before the database is started for nothing, and picks
// free ones where any will do: the tokens' issuer names the API's. Both are held until
// they are served on, as making the data can take minutes.
func (d *dev) choosePorts(ctx context.Context) (err error) {
	if d.o.Port < 0 {
		if d.o.Port, err = anyPort(ctx); err != nil {
			return err
		}
	}
	if err := d.hold(ctx, d.o.Port, "--port"); err != nil {
		return fmt.Errorf("%w, as in: romashka dev --port %d", err, d.o.Port+1)
	}
	// Only readers of /metrics depend on the admin server's, and the banner names it.
	if d.admin = d.o.Port + 1; d.hold(ctx, d.admin, "") == nil {
		return nil
	}
	if d.admin, err = anyPort(ctx); err != nil {
		return err
	}
	return d.hold(ctx, d.admin, "")
}

// anyPort is none of those that the system gives to connections: one of them could
// have it by the time it is served on.
func anyPort(ctx context.Context) (int, error) {
	port, err := freeport.Find(ctx)
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(port)
}

func (d *dev) hold(ctx context.Context, port int, setting string) error {
	ln, err := server.Listen(ctx, server.Address{Host: devHost, Port: port, Setting: setting})
	if err != nil {
		return err
	}
	d.held = append(d.held, ln)
	return nil
}

func (d *dev) release() (err error) {
	for _, ln := range d.held {
		err = errors.Join(err, ln.Close())
	}
	d.held = nil
	return err
}

func (d *dev) url() string { return "http://" + net.JoinHostPort(devHost, strconv.Itoa(d.o.Port)) }

func (d *dev) stopDatabase(ctx context.Context) error {
	const longest = 30 * time.Second
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), longest)
	defer cancel()
	return d.instance.Stop(ctx)
}

// migrate brings the schema and the sample data.
func (d *dev) migrate(ctx context.Context) error {
	o := migrator.Options{Logger: d.log}
	if users := d.instance.Users(); len(users) > 0 {
		o.SampleOwner = users[0].Email // the plain user has something to see
	}
	m, err := migrator.New(d.instance.OwnerURL(), o)
	if err != nil {
		return err
	}
	if err := m.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	if d.o.World {
		return d.fillWorld(ctx, m)
	}
	return m.LoadSample(ctx)
}

// serve runs the App and, as soon as it answers, says how to reach it.
func (d *dev) serve(ctx context.Context) error {
	cfg, err := d.settings()
	if err != nil {
		return err
	}
	signIn, handler, closeSignIn, err := d.signIn(ctx, cmp.Or(cfg.Notify.Outbox, d.outbox()))
	if err != nil {
		return err
	}
	defer closeSignIn()
	storage, closeStorage, err := d.storage(ctx)
	if err != nil {
		return err
	}
	defer closeStorage()
	a, err := New(cfg, Options{
		Version: d.o.Version, LogTo: d.o.LogTo, Mounts: []server.Mount{signIn, storage}, SignIn: handler, Unserved: unservedHint, Welcome: d.welcome(),
	})
	if err != nil {
		return err
	}
	if err := d.release(); err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return cmp.Or(a.Run(ctx), errEnded) })
	group.Go(func() error { return d.keepDatabase(ctx) })
	if d.o.World {
		group.Go(func() error { d.liveOn(ctx); return nil })
	}
	group.Go(func() error {
		if a.Wait(ctx) == nil {
			return d.publish()
		}
		return nil // Run returns the reason
	})
	if err := group.Wait(); !errors.Is(err, errEnded) {
		return err
	}
	return nil
}

// errEnded ends the group when the App ended in good order.
var errEnded = errors.New("ended")

// signIn is the project's /auth/v1. It has connections of its own, as
// the project's owner. Mails go into the outbox, a file.
func (d *dev) signIn(ctx context.Context, outbox string) (server.Mount, http.Handler, func(), error) {
	c, err := pgxpool.ParseConfig(d.instance.OwnerURL())
	if err != nil {
		return server.Mount{}, nil, nil, fmt.Errorf("read the address of the instance: %w", err)
	}
	service.Prepare(c.ConnConfig, "romashka sign-in")
	pool, err := pgxpool.NewWithConfig(ctx, c)
	if err != nil {
		return server.Mount{}, nil, nil, fmt.Errorf("make the pool for sign-in: %w", err)
	}
	handler, err := devauth.New(devauth.Options{
		DB: pool, Secret: d.instance.JWTSecret(), Issuer: d.url() + devauth.Prefix, Logger: d.log,
		Outbox: &notify.FileOutbox{Path: outbox, Print: d.o.Stdout},
	})
	if err != nil {
		pool.Close()
		return server.Mount{}, nil, nil, err
	}
	return server.Mount{
		Prefix: devauth.Prefix, Handler: server.HTTP(handler), ExposeHeaders: "X-Total-Count, Link, X-Supabase-Api-Version",
	}, handler, pool.Close, nil
}

// keepDatabase starts the database again when it ends by accident.
func (d *dev) keepDatabase(ctx context.Context) error {
	const pause = time.Second
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-d.instance.Done():
		}
		d.log.WarnContext(ctx, "the database ended by accident and is started again")
		// Not cut short by a stop, which would leave the next start to recover again.
		if err := d.instance.Restart(context.WithoutCancel(ctx)); err != nil {
			d.log.ErrorContext(ctx, "restart the database", slog.Any("err", err))
			select {
			case <-ctx.Done():
				return nil
			case <-time.After(pause):
			}
		}
	}
}

// settings are those of a Supabase project over the instance.
func (d *dev) settings() (config.Config, error) {
	flags := map[string]string{
		"db-uri":                     d.instance.AuthenticatorURL(),
		"romashka-db-background-uri": d.instance.OwnerURL(),
		"jwt-secret":                 d.instance.JWTSecret(),
		"server-host":                devHost,
		"server-port":                strconv.Itoa(d.o.Port),
		"admin-server-host":          devHost,
		"admin-server-port":          strconv.Itoa(d.admin),
		"supabase-anon-key":          d.keys.anon,
		"supabase-service-role-key":  d.keys.service,
		"log-level":                  "warn",
		"romashka-jobs":              "true",
		"romashka-realtime":          "on",  // these two also where supabase-url leads to
		"romashka-serve":             "all", // a project for what is not here
		"romashka-shutdown-delay":    "0",   // nobody balances it
		"romashka-secret-key":        d.secretKey(),
		"romashka-outbox":            d.outbox(),
	}
	maps.Copy(flags, d.o.Settings)
	cfg, err := config.Load(config.Sources{Flags: flags})
	if err != nil {
		return cfg, fmt.Errorf("settings: %w", err)
	}
	return cfg, nil
}

// secretKey encrypts second factors: the same after every start, as they are.
func (d *dev) secretKey() string {
	sum := sha256.Sum256([]byte("romashka second factors " + d.instance.JWTSecret()))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// outbox keeps the messages that would be sent to people.
func (d *dev) outbox() string { return filepath.Join(d.instance.Folder(), "outbox.ndjson") }

// keys are the project's API keys.
type keys struct{ anon, service string }

// newKeys signs them for ten years from a fixed day on, so that they are the
// same after every start, as at Supabase.
func newKeys(secret string) (keys, error) {
	issued := time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)
	expires := issued.AddDate(10, 0, 0)
	anon, err1 := auth.AnonKey([]byte(secret), issued, expires)
	service, err2 := auth.ServiceRoleKey([]byte(secret), issued, expires)
	return keys{anon, service}, errors.Join(err1, err2)
}

// welcome is what the page at the API's root shows of this instance.
func (d *dev) welcome() *welcome.Dev {
	w := &welcome.Dev{Role: "service_role", Keys: []welcome.Pair{{Name: "anon", Value: d.keys.anon}, {Name: "service_role", Value: d.keys.service}}}
	for _, u := range d.instance.Users() {
		w.Users = append(w.Users, welcome.Pair{Name: u.Email, Value: u.Password})
	}
	return w
}

func (d *dev) publish() error {
	state, err := d.instance.Publish(devdb.Endpoint{APIURL: d.url(), AnonKey: d.keys.anon, ServiceRoleKey: d.keys.service})
	if err != nil {
		return err
	}
	d.say("%s", banner(state, d.instance, "http://"+net.JoinHostPort(devHost, strconv.Itoa(d.admin))+"/metrics"))
	return nil
}

// say prints to the developer; a closed terminal is no reason to stop.
func (d *dev) say(format string, args ...any) { fmt.Fprintf(d.o.Stdout, format, args...) }
