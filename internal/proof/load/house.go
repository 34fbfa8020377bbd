package main

import (
	"bufio"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/dev/devdb/freeport"
	"github.com/romashka/sidecar/internal/dev/devdb/pgserver"
	"github.com/romashka/sidecar/internal/dev/devdb/scratch"
	"github.com/romashka/sidecar/internal/platform/service"
)

// password protects a database that lives as long as the program, on this machine only.
const password = "load"

// secret signs the tokens of clients.
const secret = "a secret of the load program alone, long enough"

//go:embed data.sql
var dataSQL string

// house is the database and the sidecar over it.
type house struct {
	folder    string
	temporary bool
	triggers  bool
	server    *pgserver.Server
	sidecar   *exec.Cmd
	address   string // host:port of the API
	admin     string // host:port
}

func openHouse(ctx context.Context, o options) (_ *house, err error) {
	h := &house{folder: o.folder, triggers: o.triggers}
	if h.temporary = o.folder == ""; h.temporary {
		if h.folder, err = os.MkdirTemp("", "romashka-load-"); err != nil {
			return nil, fmt.Errorf("make folder: %w", err)
		}
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, h.close(ctx))
		}
	}()
	options, err := scratch.Options(ctx, h.folder, password, []string{"max_connections=60"})
	if err != nil {
		return nil, err
	}
	if err := scratch.Init(ctx, options); err != nil {
		return nil, err
	}
	if h.server, err = pgserver.Start(ctx, options); err != nil {
		return nil, err
	}
	err = scratch.Fill(ctx, h.server, password, func(conn *pgx.Conn) error {
		_, err := conn.PgConn().Exec(ctx, dataSQL).ReadAll()
		return err
	})
	if err != nil {
		return nil, err
	}
	return h, h.startSidecar(ctx, o.binary)
}

func (h *house) startSidecar(ctx context.Context, binary string) error {
	const host, patience = "127.0.0.1", 30 * time.Second
	port, err := freeport.Find(ctx)
	if err != nil {
		return err
	}
	admin, err := freeport.Find(ctx)
	if err != nil {
		return err
	}
	background := "postgres"
	if h.triggers {
		background = "load_plain"
	}
	h.address, h.admin = net.JoinHostPort(host, port), net.JoinHostPort(host, admin)
	log, err := os.Create(filepath.Join(h.folder, "sidecar.log"))
	if err != nil {
		return fmt.Errorf("make log: %w", err)
	}
	defer log.Close() // the process has its own copy
	h.sidecar = exec.Command(binary, "serve")
	h.sidecar.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME"), "PGRST_SERVER_HOST=" + host, "PGRST_SERVER_PORT=" + port,
		"PGRST_ADMIN_SERVER_HOST=" + host, "PGRST_ADMIN_SERVER_PORT=" + admin,
		"PGRST_DB_URI=" + h.url("authenticator"), "ROMASHKA_DB_BACKGROUND_URI=" + h.url(background), "PGRST_JWT_SECRET=" + secret,
		"PGRST_DB_ANON_ROLE=anon", "ROMASHKA_REALTIME=on", "ROMASHKA_MAX_CONNECTIONS_IP=0", "PGRST_LOG_LEVEL=warn",
	}
	h.sidecar.Stdout, h.sidecar.Stderr = log, log
	h.sidecar.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // a Ctrl-C is for this program
	if err := h.sidecar.Start(); err != nil {
		h.sidecar = nil
		return fmt.Errorf("start the sidecar: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+h.address+"/rest/v1/load_rows?limit=0", nil)
		if err != nil {
			return err
		}
		req.Header.Set("Apikey", token("anon", ""))
		if res, err := http.DefaultClient.Do(req); err == nil && errors.Join(res.Body.Close()) == nil && res.StatusCode < http.StatusInternalServerError {
			return nil
		}
		if service.Sleep(ctx, 20*time.Millisecond) != nil {
			return fmt.Errorf("the sidecar does not answer, see %s", log.Name())
		}
	}
}

// figure is a series of /metrics without labels, 0 where there is none.
func (h *house) figure(ctx context.Context, name string) float64 {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+h.admin+"/metrics", nil) //nolint:gosec // of the sidecar that it started
	if err != nil {
		return 0
	}
	res, err := http.DefaultClient.Do(req) //nolint:gosec // see above
	if err != nil {
		return 0
	}
	defer res.Body.Close()
	for lines := bufio.NewScanner(res.Body); lines.Scan(); {
		if value, ok := strings.CutPrefix(lines.Text(), name+" "); ok {
			n, _ := strconv.ParseFloat(value, 64)
			return n
		}
	}
	return 0
}

// way is how changes are followed.
func (h *house) way() string {
	if h.triggers {
		return "triggers"
	}
	return "write-ahead log"
}

// url connects as role.
func (h *house) url(role string) string { return h.server.URLAs(role, password, scratch.Database) }

// postmaster is the process of the database's server.
func (h *house) postmaster() int {
	text, err := os.ReadFile(filepath.Join(h.folder, "data", "postmaster.pid")) //nolint:gosec // the folder is the command line's
	if err != nil {
		return 0
	}
	first, _, _ := strings.Cut(string(text), "\n")
	return number(first)
}

func (h *house) close(ctx context.Context) error {
	var err error
	if h.sidecar != nil {
		err = errors.Join(h.sidecar.Process.Signal(syscall.SIGTERM), h.sidecar.Wait())
	}
	if h.server != nil {
		err = errors.Join(err, h.server.Stop(context.WithoutCancel(ctx)))
	}
	if h.temporary {
		err = errors.Join(err, os.RemoveAll(h.folder)) //nolint:gosec // it made the folder
	}
	return err
}
