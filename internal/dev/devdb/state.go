package devdb

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// ErrNotRunning says that no instance runs where it was looked for.
var ErrNotRunning = errors.New("no running instance found")

// Setting is one NAME=value that an instance offers to its clients.
type Setting struct {
	Name, Value string
}

// State is how to reach a running instance, in the order in which it is
// printed. Names are those of `supabase status -o env`, and DEMO_*.
type State []Setting

// MarshalJSON makes one object of the state, in its order.
func (s State) MarshalJSON() ([]byte, error) {
	object := []byte{'{'}
	for i, setting := range s {
		if i > 0 {
			object = append(object, ',')
		}
		for _, part := range []struct {
			text string
			end  byte
		}{{setting.Name, ':'}, {setting.Value, ' '}} {
			quoted, err := json.Marshal(part.text)
			if err != nil {
				return nil, err
			}
			object = append(append(object, quoted...), part.end)
		}
	}
	return append(object, '}'), nil
}

// UnmarshalJSON reads the output of MarshalJSON, and keeps its order.
func (s *State) UnmarshalJSON(object []byte) error {
	*s = nil
	d := json.NewDecoder(bytes.NewReader(object))
	if _, err := d.Token(); err != nil { // {
		return err
	}
	for d.More() {
		var setting Setting
		name, err := d.Token()
		if err != nil {
			return err
		}
		setting.Name, _ = name.(string) // keys are strings
		if err := d.Decode(&setting.Value); err != nil {
			return err
		}
		*s = append(*s, setting)
	}
	return nil
}

// Get returns a setting's value, "" if there is none.
func (s State) Get(name string) string {
	for _, setting := range s {
		if setting.Name == name {
			return setting.Value
		}
	}
	return ""
}

// Env renders the state as NAME=value lines that a shell can source: values
// are quoted.
func (s State) Env() string {
	var b strings.Builder
	for _, setting := range s {
		fmt.Fprintf(&b, "%s=\"%s\"\n", setting.Name, shellQuoted.Replace(setting.Value))
	}
	return b.String()
}

// shellQuoted escapes the characters that a shell reads inside double quotes. Read only.
var shellQuoted = strings.NewReplacer(`\`, `\\`, `"`, `\"`, `$`, `\$`, "`", "\\`")

// ReadState returns the state that the instance that runs over a data folder has
// published. Errors: ErrNotRunning.
func ReadState(folder string) (State, error) {
	if !locked(folder) {
		return nil, fmt.Errorf("%s: %w", folder, ErrNotRunning)
	}
	text, err := os.ReadFile(filepath.Join(folder, stateName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: %w: it is still starting", folder, ErrNotRunning)
	}
	if err != nil {
		return nil, fmt.Errorf("read state: %w", err)
	}
	var s State
	if err := json.Unmarshal(text, &s); err != nil {
		return nil, fmt.Errorf("read state: %w", err)
	}
	return s, nil
}

// unpublish takes back the published state.
func (f *folder) unpublish() error {
	if err := os.Remove(f.file(stateName)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove state: %w", err)
	}
	return nil
}

// pointerSuffix ends the name of a file that says where a running instance's
// data folder is: any folder may be one.
const pointerSuffix = ".elsewhere"

// point lets FindRunning find a data folder that is not in the folder where
// others look.
func (i *Instance) point() error {
	if i.announce == "" {
		return nil
	}
	place, err := filepath.Abs(i.announce)
	if err != nil || i.folder.path == place || filepath.Dir(i.folder.path) == place {
		return err // it is found there
	}
	if err := os.MkdirAll(place, 0o755); err != nil {
		return fmt.Errorf("announce the instance: %w", err)
	}
	sum := sha256.Sum256([]byte(i.folder.path))
	file := filepath.Join(place, hex.EncodeToString(sum[:8])+pointerSuffix)
	if err := os.WriteFile(file, []byte(i.folder.path+"\n"), 0o600); err != nil {
		return fmt.Errorf("announce the instance: %w", err)
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.pointer = file
	return nil
}

// withdraw takes back what point did. i.mu is held.
func (i *Instance) withdraw() error {
	if i.pointer == "" {
		return nil
	}
	if err := os.Remove(i.pointer); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("withdraw the instance: %w", err)
	}
	return nil
}

// FindRunning returns the data folder of the instance that runs in dir, in a
// folder right below it (one per port, as `make run` keeps them), or elsewhere
// where it was announced in dir.
// Errors: ErrNotRunning; an error that names them if there are several.
func FindRunning(dir string) (string, error) {
	if locked(dir) {
		return dir, nil
	}
	folders, err := below(dir)
	if err != nil {
		return "", fmt.Errorf("look for instances: %w", err)
	}
	found := slices.DeleteFunc(folders, func(folder string) bool { return !locked(folder) })
	switch len(found) {
	case 0:
		return "", fmt.Errorf("%s: %w", dir, ErrNotRunning)
	case 1:
		return found[0], nil
	default:
		return "", fmt.Errorf("several instances run, name one: %s", strings.Join(found, ", "))
	}
}

// below lists the data folders in dir, and those that were announced there. One
// whose process was killed may be among them.
func below(dir string) ([]string, error) {
	markers, err := filepath.Glob(filepath.Join(dir, "*", markerName))
	if err != nil {
		return nil, err
	}
	pointers, err := filepath.Glob(filepath.Join(dir, "*"+pointerSuffix))
	if err != nil {
		return nil, err
	}
	var folders []string
	for _, m := range markers {
		folders = append(folders, filepath.Dir(m))
	}
	for _, p := range pointers {
		text, err := os.ReadFile(p)
		if err != nil {
			continue // it ended in between
		}
		folders = append(folders, strings.TrimSpace(string(text)))
	}
	return folders, nil
}
