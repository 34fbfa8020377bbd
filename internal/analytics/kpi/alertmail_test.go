package kpi_test

import (
	"io"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-smtp"

	"github.com/romashka/sidecar/internal/platform/notify"
)

// mailbox is a real SMTP server that keeps what comes.
type mailbox struct {
	mu    sync.Mutex
	mails []string
}

func (m *mailbox) NewSession(*smtp.Conn) (smtp.Session, error) { return &delivery{box: m}, nil }

type delivery struct {
	box *mailbox
	to  string
}

func (d *delivery) Reset()                                    {}
func (d *delivery) Logout() error                             { return nil }
func (d *delivery) Mail(string, *smtp.MailOptions) error      { return nil }
func (d *delivery) Rcpt(to string, _ *smtp.RcptOptions) error { d.to = to; return nil }
func (d *delivery) Data(r io.Reader) error {
	body, err := io.ReadAll(r)
	d.box.mu.Lock()
	defer d.box.mu.Unlock()
	d.box.mails = append(d.box.mails, d.to+"\n"+string(body))
	return err
}

// take returns the mails since the last call.
func (m *mailbox) take() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	got := m.mails
	m.mails = nil
	return got
}

// Rows that cross a limit become a mail at an SMTP server: one when the limit is
// crossed, one when the figure is back, none while it hovers, and one when it crosses
// again. The state can be asked for meanwhile.
func TestAlertMail(t *testing.T) {
	t.Parallel()
	url, owner := database(t)
	box := &mailbox{}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := smtp.NewServer(box)
	server.Domain = "mail.test"
	go server.Serve(ln)
	t.Cleanup(func() { _ = server.Close() })
	sender, err := notify.New(notify.Options{SMTPURL: "smtp://" + ln.Addr().String(), MailFrom: "ROMASHKA <alerts@romashka.test>"})
	if err != nil {
		t.Fatal(err)
	}
	courier := notify.Courier{Sender: sender}
	exec(t, owner, `INSERT INTO public.system_settings (setting_key, setting_value) VALUES
		('notifications', '{"recipients": [{"channel": "mail", "to": "ops@people.test"}], "floor": "low", "group_minutes": 0, "once_minutes": 0}'),
		('kpi_targets', '{"departures": false, "alerts": [{"figure": "waiting", "above": 5, "clear": 3, "clear_seconds": 0, "severity": "high"}]}')`)
	refresh(t, owner, false)

	type state struct {
		State string
		Value float64
		Fired int
	}
	for _, step := range []struct {
		name, act, told string // told is what a mail's subject has; "" = no mail
		state           state
	}{
		{"at the limit", "5", "", state{"quiet", 5, 0}},
		{"beyond it", "2", "waiting is 7", state{"firing", 7, 1}},
		{"still", "", "", state{"firing", 7, 1}},
		{"further", "1", "", state{"firing", 8, 1}},
		{"between the limits", answered + "4)", "", state{"firing", 4, 1}},
		{"back", answered + "1)", "waiting is back: 3", state{"quiet", 3, 1}},
		{"between the limits again", "2", "", state{"quiet", 5, 1}},
		{"beyond it again", "1", "waiting is 6", state{"firing", 6, 2}},
	} {
		switch {
		case strings.HasPrefix(step.act, "UPDATE"):
			exec(t, owner, step.act)
		case step.act != "":
			waiting(t, owner, step.act)
		}
		exec(t, owner, "SELECT romashka.job_alerts(NULL)")
		if _, err := courier.Run(t.Context(), owner); err != nil {
			t.Fatal(err)
		}
		mails := box.take()
		switch {
		case step.told == "" && len(mails) > 0:
			t.Errorf("%s: %d mails, want none:\n%s", step.name, len(mails), mails[0])
		case step.told != "" && (len(mails) != 1 || !strings.HasPrefix(mails[0], "ops@people.test\n") || !strings.Contains(mails[0], step.told) || !strings.Contains(mails[0], "Limits: above 5")):
			t.Errorf("%s: %q, want one mail: %s", step.name, mails, step.told)
		}
		as(t, url, anna, func(conn query) {
			got := collect[state](t, conn, "SELECT state, value::float8, fired FROM public.get_alert_state()")
			if len(got) != 1 || got[0] != step.state {
				t.Errorf("%s: state %+v, want %+v", step.name, got, step.state)
			}
		})
	}
	exec(t, owner, "ALTER TABLE public.conversations ENABLE ROW LEVEL SECURITY")
	exec(t, owner, "CREATE POLICY \"No rows of others\" ON public.conversations AS RESTRICTIVE FOR SELECT TO authenticated USING (customer_id = auth.uid())")
	as(t, url, bob, func(conn query) {
		if got := collect[state](t, conn, "SELECT state, value::float8, fired FROM public.get_alert_state()"); len(got) > 0 {
			t.Errorf("one who sees no conversation of others sees %v", got)
		}
	})
}
