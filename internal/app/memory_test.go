package app

import (
	"testing"
	"testing/fstest"
)

const (
	v1Mount = "35 31 0:32 / /sys/fs/cgroup/memory rw,relatime shared:9 - cgroup cgroup rw,memory\n"
	v2Mount = "41 31 0:38 / /sys/fs/cgroup rw,relatime - cgroup2 cgroup2 rw,nsdelegate\n"
)

func TestCgroupMemory(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, mounts, own string
		files             map[string]string
		want              int64
	}{
		{"not Linux", "", "", nil, 0},
		{"v2", v2Mount, "0::/app\n", map[string]string{"sys/fs/cgroup/app/memory.max": "536870912\n"}, 512 << 20},
		{"v2 without a limit", v2Mount, "0::/app\n", map[string]string{"sys/fs/cgroup/app/memory.max": "max\n"}, 0},
		{"v2, the parent's is smaller", v2Mount, "0::/a/b/c\n", map[string]string{
			"sys/fs/cgroup/a/memory.max": "100\n", "sys/fs/cgroup/a/b/memory.max": "max\n", "sys/fs/cgroup/a/b/c/memory.max": "200\n",
		}, 100},
		{"v2, the child's is smaller", v2Mount, "0::/a/b\n", map[string]string{
			"sys/fs/cgroup/a/memory.max": "300\n", "sys/fs/cgroup/a/b/memory.max": "200\n",
		}, 200},
		{"v2, a namespace of its own", v2Mount, "0::/\n", map[string]string{"sys/fs/cgroup/memory.max": "300\n"}, 300},
		{"v2, a container that sees the host's path", "41 31 0:38 /docker/1 /sys/fs/cgroup ro - cgroup2 cgroup rw\n", "0::/docker/1\n",
			map[string]string{"sys/fs/cgroup/memory.max": "300\n"}, 300},
		{"v2, a path outside of what is mounted", v2Mount, "0::/../other\n", map[string]string{"sys/fs/cgroup/memory.max": "300\n"}, 300},
		{"v1", v1Mount, "4:cpu,memory:/app\n0::/other\n", map[string]string{
			"sys/fs/cgroup/memory/app/memory.limit_in_bytes": "1000\n", "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
		}, 1000},
		{"v1 without a limit", v1Mount, "4:memory:/\n", map[string]string{"sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n"}, 0},
		{"both, memory is v1's", v1Mount + "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n", "4:memory:/a\n0::/\n",
			map[string]string{"sys/fs/cgroup/memory/a/memory.limit_in_bytes": "77\n"}, 77},
		{"another controller", "35 31 0:32 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n", "4:cpu:/a\n", nil, 0},
		{"nonsense", "a b c\n - \n", "x\n", nil, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			root := fstest.MapFS{}
			if tt.mounts != "" {
				root["proc/self/mountinfo"] = &fstest.MapFile{Data: []byte(tt.mounts)}
				root["proc/self/cgroup"] = &fstest.MapFile{Data: []byte(tt.own)}
			}
			for name, text := range tt.files {
				root[name] = &fstest.MapFile{Data: []byte(text)}
			}
			if got := cgroupMemory(root); got != tt.want {
				t.Errorf("got %d, want %d", got, tt.want)
			}
		})
	}
}
