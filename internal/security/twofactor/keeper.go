package twofactor

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/platform/service"
)

// How often a Keeper looks: with notifications, and where there are none.
const (
	lookEvery = time.Minute
	deafEvery = 3 * time.Second
	tidyEvery = time.Hour

	lookLimit = time.Minute // a connection that died in silence is found by it
)

// channel is that of romashka.announce_two_factor_secret.
const channel = "romashka_two_factor"

// Keeper encrypts secrets that came in the clear, as the front end writes them
// into public.two_factor_auth, and deletes expired rows. Any number of
// replicas may run one. It is a service, and safe for concurrent use.
type Keeper struct {
	db    *service.Database
	keys  *Keyring
	log   *slog.Logger
	texts texts

	life service.Loop
}

// NewKeeper makes a Keeper; keys may be nil, then it only forgets. It does no I/O.
func NewKeeper(uri string, keys *Keyring, log *slog.Logger) (*Keeper, error) {
	db, err := service.New(service.Options{URI: uri, Setting: "romashka-db-background-uri", Name: "romashka second factors"})
	if err != nil {
		return nil, err
	}
	list, err := readTexts()
	if err != nil {
		return nil, err
	}
	return &Keeper{db: db, keys: keys, log: log, texts: list}, nil
}

// Start begins to work. A second call does nothing.
func (k *Keeper) Start(ctx context.Context) error { return k.life.Start(ctx, k.run) }

// Stop ends the work under way, which the database rolls back, and waits for it.
func (k *Keeper) Stop() { k.life.Stop() }

func (k *Keeper) run(ctx context.Context) {
	failing := false // the log is told once, until it works again
	for ctx.Err() == nil {
		err := k.watch(ctx, func() { failing = false })
		if ctx.Err() != nil {
			return
		}
		if err == nil { // without keys there is nothing to wait for
			if service.Sleep(ctx, tidyEvery) != nil {
				return
			}
			continue
		}
		if !failing {
			k.log.LogAttrs(ctx, slog.LevelWarn, "secrets of second factors are not encrypted at the moment", slog.Any("err", err))
		}
		failing = true
		if service.Sleep(ctx, deafEvery) != nil {
			return
		}
	}
}

// watch works on one connection until it fails or ctx ends; without keys, once.
func (k *Keeper) watch(ctx context.Context, works func()) error {
	every := lookEvery
	conn, err := k.db.Connect(ctx, service.Session)
	if _, pooled := errors.AsType[*service.PoolerError](err); pooled {
		every = deafEvery
		conn, err = k.db.Connect(ctx, service.Transaction)
	}
	if err != nil {
		return err
	}
	defer service.Close(ctx, conn)
	if every == lookEvery && k.keys != nil {
		if _, err := conn.Exec(ctx, "LISTEN "+channel); err != nil {
			return fmt.Errorf("listen: %w", err)
		}
	}
	for tidied := (time.Time{}); ; {
		if err := k.look(ctx, conn, &tidied); err != nil {
			return err
		}
		works()
		if k.keys == nil {
			return nil
		}
		if err := await(ctx, conn, every); err != nil {
			return err
		}
	}
}

// look does what there is to do. tidied is when it last deleted expired rows.
func (k *Keeper) look(ctx context.Context, conn *pgx.Conn, tidied *time.Time) error {
	ctx, cancel := context.WithTimeout(ctx, lookLimit)
	defer cancel()
	if _, err := Encrypt(ctx, conn, k.keys); err != nil {
		return err
	}
	if time.Since(*tidied) > tidyEvery {
		if _, err := conn.Exec(ctx, k.texts["tidy"]); err != nil {
			return fmt.Errorf("tidy: %w", err)
		}
		*tidied = time.Now()
	}
	return nil
}

// await returns after a notification or a while.
func await(ctx context.Context, conn *pgx.Conn, longest time.Duration) error {
	wait, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	_, err := conn.WaitForNotification(wait)
	if wait.Err() != nil && ctx.Err() == nil {
		return nil
	}
	return err
}

// Encrypt makes factors, encrypted and unconfirmed, of the secrets that stand
// in the clear, and tells how many. Without keys it does nothing.
func Encrypt(ctx context.Context, db DB, keys *Keyring) (n int, err error) {
	if keys == nil {
		return 0, nil
	}
	list, err := readTexts()
	if err != nil {
		return 0, err
	}
	const batch = 100
	for {
		did := 0
		err := pgx.BeginFunc(ctx, db, func(tx pgx.Tx) (err error) {
			did, err = encryptSome(ctx, store{tx: tx, texts: list}, keys, batch)
			return err
		})
		if err != nil {
			return n, fmt.Errorf("encrypt secrets: %w", err)
		}
		if n += did; did < batch {
			return n, nil
		}
	}
}

func encryptSome(ctx context.Context, s store, keys *Keyring, most int) (int, error) {
	type plain struct {
		UserID uuid.UUID
		Secret string
	}
	rows, err := s.tx.Query(ctx, s.texts["pending"], most)
	if err != nil {
		return 0, err
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[plain])
	if err != nil {
		return 0, err
	}
	for _, p := range list {
		var sealed []byte
		id := keys.CurrentID()
		if p.Secret != "" {
			id, sealed = keys.seal(p.UserID, secretOf(p.Secret))
		}
		if _, err := s.do(ctx, "keep", p.UserID, sealed, id); err != nil {
			return 0, err
		}
		if _, err := s.do(ctx, "event", p.UserID, uuid.NullUUID{}, "encrypted", "totp", nil, uuid.NullUUID{}, uuid.NullUUID{}, "{}"); err != nil {
			return 0, err
		}
	}
	return len(list), nil
}

// secretOf reads a secret as apps do; one that they could not read stays as it
// is, and no code will confirm it.
func secretOf(text string) []byte {
	plain := strings.ToUpper(strings.NewReplacer(" ", "", "-", "", "=", "").Replace(text))
	if secret, err := encoding.DecodeString(plain); err == nil && len(secret) > 0 {
		return secret
	}
	return []byte(text)
}

// Rotate encrypts with the current key all secrets that are under another that
// keys has, and tells how many.
func Rotate(ctx context.Context, db DB, keys *Keyring) (n int, err error) {
	if keys == nil {
		return 0, errors.New("romashka-secret-key is not set")
	}
	if n, err = Encrypt(ctx, db, keys); err != nil {
		return n, err
	}
	list, err := readTexts()
	if err != nil {
		return n, err
	}
	const batch = 500
	for last := uuid.Nil; ; {
		did := 0
		err := pgx.BeginFunc(ctx, db, func(tx pgx.Tx) (err error) {
			did, last, err = resealSome(ctx, store{tx: tx, texts: list}, keys, last, batch)
			return err
		})
		if err != nil {
			return n, fmt.Errorf("rotate: %w", err)
		}
		if n += did; did < batch {
			return n, nil
		}
	}
}

func resealSome(ctx context.Context, s store, keys *Keyring, after uuid.UUID, most int) (int, uuid.UUID, error) {
	type sealed struct {
		FactorID, UserID uuid.UUID
		Secret           []byte
		KeyID            string
	}
	rows, err := s.tx.Query(ctx, s.texts["stale"], keys.CurrentID(), after, most)
	if err != nil {
		return 0, after, err
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[sealed])
	if err != nil {
		return 0, after, err
	}
	for _, f := range list {
		plain, err := keys.open(f.UserID, f.KeyID, f.Secret)
		if err != nil {
			return 0, after, fmt.Errorf("factor %s: %w", f.FactorID, err)
		}
		id, again := keys.seal(f.UserID, plain)
		if _, err := s.do(ctx, "reseal", f.FactorID, again, id); err != nil {
			return 0, after, err
		}
		after = f.FactorID
	}
	return len(list), after, nil
}
