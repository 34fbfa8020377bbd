package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/romashka/sidecar/internal/config"
	"github.com/romashka/sidecar/internal/edge/server"
	"github.com/romashka/sidecar/internal/platform/notify"
	"github.com/romashka/sidecar/internal/platform/service"
	"github.com/romashka/sidecar/internal/security/twofactor"
)

// secondFactors are the endpoints of second factors and the services below them;
// all nil where no background connection is set: then functions of the
// database say so.
type secondFactors struct {
	pool    *pgxpool.Pool
	handler *twofactor.Handler
	keeper  *twofactor.Keeper
}

// NewSender makes the ways to people that settings name.
func NewSender(cfg config.Config) (*notify.Sender, error) {
	n := cfg.Notify
	var outbox notify.Outbox
	if n.Outbox != "" {
		outbox = &notify.FileOutbox{Path: n.Outbox, Print: os.Stderr}
	}
	return notify.New(notify.Options{
		SMTPURL: string(n.SMTPURL), MailFrom: n.MailFrom, Outbox: outbox,
		Twilio:     notify.Twilio{URL: n.TwilioURL, AccountSID: n.TwilioAccountSID, AuthToken: string(n.TwilioAuthToken), From: n.TwilioFrom},
		WebhookURL: string(n.WebhookURL), WebhookSecret: string(n.WebhookSecret), SlackURL: string(n.SlackURL),
	})
}

func (a *App) buildTwoFactor(cfg config.Config) error {
	keys, err := twofactor.NewKeyring(string(cfg.TwoFactor.Key), string(cfg.TwoFactor.PreviousKey))
	if err != nil {
		return err
	}
	sender, err := NewSender(cfg)
	if err != nil {
		return err
	}
	switch {
	case cfg.DB.BackgroundURI == "" && keys != nil:
		return errors.New("romashka-secret-key is set, and romashka-db-background-uri, as whose role second factors are kept, is not")
	case cfg.DB.BackgroundURI == "":
		return nil
	}
	f := &a.factors
	if f.pool, err = BackgroundPool(cfg, "romashka second factors"); err != nil {
		return err
	}
	f.handler, err = twofactor.New(twofactor.Options{
		DB: f.pool, Keys: keys, Sender: sender, Logger: a.log, Issuer: cfg.TwoFactor.Issuer, CodeTTL: cfg.TwoFactor.CodeTTL,
		VerifiedFor: cfg.TwoFactor.VerifiedFor,
		AnonRole:    cfg.DB.AnonRole, Verbosity: verbosity(cfg),
	})
	if err != nil {
		return err
	}
	f.keeper, err = twofactor.NewKeeper(string(cfg.DB.BackgroundURI), keys, a.log)
	return err
}

// BackgroundPool makes a small pool as the role of background work. It connects
// when needed, and names no statements, which poolers lose.
func BackgroundPool(cfg config.Config, name string) (*pgxpool.Pool, error) {
	const most = 4
	c, err := pgxpool.ParseConfig(string(cfg.DB.BackgroundURI))
	if err != nil { // its text repeats most of the URI
		return nil, errors.New("romashka-db-background-uri cannot be read; example: postgres://postgres:...@host:5432/postgres")
	}
	c.MaxConns, c.MinConns, c.MinIdleConns = most, 0, 0
	c.MaxConnIdleTime, c.PingTimeout = cfg.DB.PoolMaxIdle, pingTimeout
	service.Prepare(c.ConnConfig, name)
	c.ConnConfig.RuntimeParams["DateStyle"] = "ISO, MDY"
	c.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeExec
	pool, err := pgxpool.NewWithConfig(context.Background(), c) // the context is for connecting, which it does not
	if err != nil {
		return nil, fmt.Errorf("make the pool for background work: %w", err)
	}
	return pool, nil
}

// mounts are the endpoints below each root of the API, before the engine,
// which has functions of the same names.
func (f *secondFactors) mounts(cfg config.Config) (list []server.Mount) {
	if f.handler == nil {
		return nil
	}
	for _, root := range cfg.Server.APIRoots {
		list = append(list, server.Mount{Prefix: strings.TrimRight(root, "/") + "/rpc", Call: f.handler.Call, Match: f.handler.Match})
	}
	return list
}

func (f *secondFactors) start(ctx context.Context) error {
	if f.keeper == nil {
		return nil
	}
	return f.keeper.Start(ctx)
}

func (f *secondFactors) stop() {
	if f.keeper != nil {
		f.keeper.Stop()
	}
}

// close ends the parts that New has made; it may be called twice.
func (f *secondFactors) close() {
	if f.pool != nil {
		f.pool.Close()
	}
}
