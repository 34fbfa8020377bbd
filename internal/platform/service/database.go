package service

import (
	"cmp"
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Options say how to reach a database. URI is required.
type Options struct {
	URI     string            // connection string; a secret
	Setting string            // the setting that gave it, for messages: "romashka-db-direct-uri"
	Name    string            // application_name, where URI has none
	Timeout time.Duration     // of one attempt to connect; that of URI, or 5 s
	Mode    pgx.QueryExecMode // default: no prepared statements, which poolers lose
	Notice  pgconn.NoticeHandler
	// Replication asks for connections that follow the write-ahead log of their
	// database. They take the simple protocol alone.
	Replication bool
}

// Database is a way to a database. It is safe for concurrent use.
type Database struct {
	config  *pgx.ConnConfig
	setting string
	pooler  bool         // the string says that there is one
	keeps   atomic.Int32 // the Scope that was found out behind a pooler; 0 = not yet
}

// New reads the connection string and connects to nothing. Its error names the
// setting and repeats nothing of the string.
func New(o Options) (*Database, error) {
	d := &Database{setting: cmp.Or(o.Setting, "the connection string")}
	var err error
	if d.config, err = pgx.ParseConfig(o.URI); err != nil { // its text repeats most of the string
		return nil, fmt.Errorf("%s cannot be read, want postgres://user:password@host:5432/database, "+
			"with a percent sign and two hexadecimal digits for each special character of the password", d.setting)
	}
	if o.Timeout > 0 {
		d.config.ConnectTimeout = o.Timeout
	}
	_, d.pooler = Prepare(d.config, o.Name)
	// Without prepared statements some values come as text, which pgx reads in this style alone.
	d.config.RuntimeParams["DateStyle"] = "ISO, MDY"
	if o.Replication {
		d.config.RuntimeParams["replication"] = "database"
	}
	d.config.DefaultQueryExecMode = cmp.Or(o.Mode, pgx.QueryExecModeCacheDescribe)
	d.config.OnNotice = o.Notice
	return d, nil
}

// User is the role that connections log in as.
func (d *Database) User() string { return d.config.User }

// Name is the database's.
func (d *Database) Name() string { return d.config.Database }

// Connect opens a connection whose session state lasts at least for need. A way
// that keeps less is a [*PoolerError], before anything was done on it. Other
// errors are the driver's, to be distinguished by errors.As, without the address
// in their text.
func (d *Database) Connect(ctx context.Context, need Scope) (*pgx.Conn, error) {
	conn, err := d.open(ctx)
	if err != nil || need == Statement {
		return conn, err
	}
	keeps, err := d.Keeps(ctx, conn)
	if err == nil && keeps < need {
		err = &PoolerError{Setting: d.setting, Need: need, Keeps: keeps}
	}
	if err != nil {
		Close(ctx, conn)
		return nil, err
	}
	return conn, nil
}

func (d *Database) open(ctx context.Context) (*pgx.Conn, error) {
	conn, err := pgx.ConnectConfig(ctx, d.config.Copy())
	if err != nil {
		return nil, Conceal(err, d.setting, d.config)
	}
	if err := Encoded(conn.PgConn().ParameterStatus); err != nil {
		Close(ctx, conn)
		return nil, fmt.Errorf("connect with %s: %w", d.setting, err)
	}
	return conn, nil
}

// Close closes a connection, also when ctx has ended, without waiting long for
// a server that may be gone.
func Close(ctx context.Context, conn *pgx.Conn) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	_ = conn.Close(ctx) // it is lost either way
}
