package main

import (
	"context"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/valyala/fasthttp"
)

// bareCommand is the argument that makes this program the floor: a process that
// answers HTTP with given bytes, or asks PostgreSQL and copies the rows, and
// does nothing else.
const bareCommand = "bare"

// bareAnswer is sent for every request.
type bareAnswer struct {
	Status int
	Header [][2]string
	Body   []byte
}

// bareOrder is one piece of work for the floor: an answer to give from now on,
// or else statements to send.
type bareOrder struct {
	Answer  *bareAnswer
	Key     string // connections are kept while it stays
	DB      string // URL
	Scripts [][]bareStatement
	Conns   int
	For     time.Duration
}

// bareStatement is one statement of a script, with its values as text.
type bareStatement struct {
	SQL  string
	Args [][]byte
}

// runBare says where it listens, then takes orders until its input ends.
func runBare(in io.Reader, out io.Writer) error {
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	var current atomic.Pointer[bareAnswer]
	server := &fasthttp.Server{NoDefaultServerHeader: true, Handler: func(ctx *fasthttp.RequestCtx) { current.Load().write(ctx) }}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	var asked asker
	defer asked.disconnect()
	orders, yields := gob.NewDecoder(in), gob.NewEncoder(out)
	if err := yields.Encode(listener.Addr().String()); err != nil {
		return fmt.Errorf("say where it listens: %w", err)
	}
	for {
		var o bareOrder
		err := orders.Decode(&o)
		if errors.Is(err, io.EOF) {
			return errors.Join(server.Shutdown(), <-served)
		}
		if err != nil {
			return fmt.Errorf("read order: %w", err)
		}
		var y yield
		if o.Answer != nil {
			current.Store(o.Answer)
		} else {
			y = asked.ask(o)
		}
		if err := yields.Encode(y); err != nil {
			return fmt.Errorf("write yield: %w", err)
		}
	}
}

func (a *bareAnswer) write(ctx *fasthttp.RequestCtx) {
	ctx.SetStatusCode(a.Status)
	for _, h := range a.Header {
		ctx.Response.Header.Set(h[0], h[1])
	}
	ctx.Response.SetBodyRaw(a.Body)
}

// asker holds the floor's connections to PostgreSQL.
type asker struct {
	key   string
	conns []*pgconn.PgConn
}

func (a *asker) disconnect() {
	for _, c := range a.conns {
		_ = c.Close(context.Background())
	}
	a.conns = nil
}

// connect makes the connections of an order and prepares its statements.
func (a *asker) connect(o bareOrder) error {
	if o.Key == a.key {
		return nil
	}
	a.disconnect()
	a.key = o.Key
	ctx := context.Background()
	for range o.Conns {
		conn, err := pgconn.Connect(ctx, o.DB)
		if err != nil {
			return err
		}
		a.conns = append(a.conns, conn)
		for i, script := range o.Scripts {
			for j, s := range script {
				if _, err := conn.Prepare(ctx, bareName(i, j), s.SQL, nil); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// ask sends the scripts over each connection, one after the other, until the
// time is over.
func (a *asker) ask(o bareOrder) yield {
	if err := a.connect(o); err != nil {
		a.key = ""
		return yield{Err: err.Error()}
	}
	var (
		total   yield
		mu      sync.Mutex
		clients sync.WaitGroup
		begin   = time.Now()
	)
	for _, conn := range a.conns {
		clients.Go(func() {
			n, err := drive(conn, o.Scripts, begin.Add(o.For))
			mu.Lock()
			defer mu.Unlock()
			total.Requests += n
			if err != nil {
				total.Err = err.Error()
			}
		})
	}
	clients.Wait()
	total.Took = time.Since(begin)
	return total
}

func drive(conn *pgconn.PgConn, scripts [][]bareStatement, end time.Time) (n int64, err error) {
	var row []byte
	for ; time.Now().Before(end); n++ {
		i := int(n) % len(scripts)
		if row, err = exchangeBare(context.Background(), conn, i, scripts[i], row[:0]); err != nil {
			return n, err
		}
	}
	return n, nil
}

func bareName(script, statement int) string {
	return strconv.Itoa(script) + "_" + strconv.Itoa(statement)
}

// exchangeBare sends a script in one write, as the server does, and copies what
// comes back.
func exchangeBare(ctx context.Context, conn *pgconn.PgConn, i int, script []bareStatement, row []byte) ([]byte, error) {
	var batch pgconn.Batch
	for j, s := range script {
		batch.ExecPrepared(bareName(i, j), s.Args, nil, nil)
	}
	results := conn.ExecBatch(ctx, &batch)
	for results.NextResult() {
		rows := results.ResultReader()
		for rows.NextRow() {
			for _, v := range rows.Values() {
				row = append(row, v...)
			}
		}
		if _, err := rows.Close(); err != nil {
			return row, errors.Join(err, results.Close())
		}
	}
	return row, results.Close()
}
