package cli_test

import (
	"strings"
	"testing"
)

func TestStaffing(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		args string
		want string
	}{
		{
			"smallest", "--volume 0.5 --interval 1m --aht 60s --service-level 0.5/20s --json",
			`{"model":"erlang-c","offered_load":0.5,"agents":1,"rostered":2,"service_level":0.576759137554693,"asa_seconds":60,` +
				`"occupancy":0.5,"p_wait":0.5,"p_abandon":null,"stable":true}` + "\n",
		},
		{
			"unstable", "--volume 100 --interval 30m --aht 180s --agents 10 --json",
			`{"model":"erlang-c","offered_load":10,"agents":10,"rostered":15,"service_level":null,"asa_seconds":null,` +
				`"occupancy":null,"p_wait":null,"p_abandon":null,"stable":false}` + "\n",
		},
		{
			"as text", "--volume 48 --interval 1m --aht 60s --patience 2m --agents 50",
			"model          erlang-a\nload           48.00 Erlang\nagents         50, 72 on the roster\nservice level  94.3 %\nmean wait      3.7 s\n" +
				"occupancy      93.0 %\nwaiting        46.8 %\nleaving        3.1 %\n",
		},
		{
			"unstable as text", "--volume 60 --aht 60s --agents 1",
			"model          erlang-c\nload           1.00 Erlang\nagents         1, 2 on the roster\n" +
				"unstable: the agents are no more than the load, and the queue grows for ever\n",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := run(t, nil, append([]string{"staffing"}, strings.Fields(tt.args)...)...)
			if got.code != 0 || got.out != tt.want || got.errOut != "" {
				t.Errorf("%+v\nwant %s", got, tt.want)
			}
		})
	}
}

func TestStaffingRefusals(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ args, want string }{
		{"--volume=100", "--aht is not given"},
		{"--volume=100 --aht=3m --what-if volume=+20%", "--what-if is for the plan of a forecast"},
		{"--agents=3", "--agents is for a given --volume"},
		{"--what-if volume=20", "volume=20: want a change in percent"},
		{"--what-if volume=+20% aht=-100%", "aht=-100%: want a change in percent above -100"},
		{"--what-if aht=200", "aht=200: want a time above 0 with its unit"},
		{"--what-if wage=3", "wage=3: want volume, aht, patience"},
		{"volume=+20%", `unknown command "volume=+20%"`},
		{"--volume=NaN --aht=3m", `invalid argument "NaN" for "--volume" flag: want a number of contacts, 0 or more`},
		{"--volume=0x10 --aht=3m", "want a number of contacts"},
		{"--volume=1e999 --aht=3m", "want a number of contacts"},
		{"--volume=1 --aht=180", "want a time above 0 with its unit"},
		{"--volume=1 --aht=3m --service-level=1/20s", "above 0 and below 1"},
		{"--volume=1 --aht=3m --service-level=0.8/20", "as 0.8/20s"},
		{"--volume=1 --aht=3m --service-level=0.8/-1s", "as 0.8/20s"},
		{"--volume=1 --aht=3m --agents=1000001", "want a whole number from 0 to 1000000"},
		{"--volume=1 --aht=3m --concurrency=6", "from 1 to 5"},
	} {
		got := run(t, nil, append([]string{"staffing"}, strings.Fields(tt.args)...)...)
		if got.code != 2 || got.out != "" || !strings.Contains(got.errOut, tt.want) {
			t.Errorf("%s: %+v", tt.args, got)
		}
	}
	got := run(t, nil, "staffing", "--volume", "1e12", "--aht", "3m")
	if got.code != 1 || got.errOut != "romashka: staffing: more than 1000000 agents\n" {
		t.Errorf("%+v", got)
	}
}
