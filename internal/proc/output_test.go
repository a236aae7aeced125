package proc

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func write(t rapid.TB, sink *os.File, text string) {
	if _, err := sink.WriteString(text); err != nil {
		t.Fatal(err)
	}
}

// Whatever is written, and however often the file is looked at, all of it can be
// read again as long as it is less than what is kept.
func TestOutputIsReadInOrder(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		o, sink, err := newOutput(filepath.Join(dir, "out"))
		if err != nil {
			t.Fatal(err)
		}
		defer sink.Close()
		defer o.end()
		var want, got []byte
		buf := make([]byte, rapid.IntRange(1, 50).Draw(t, "buffer"))
		t.Repeat(map[string]func(*rapid.T){
			"write": func(t *rapid.T) {
				text := rapid.StringMatching(`[a-z\n]{0,60}`).Draw(t, "text")
				write(t, sink, text)
				want = append(want, text...)
			},
			"look": func(*rapid.T) { o.look() },
			"read": func(t *rapid.T) {
				n, from, _ := o.read(int64(len(got)), buf)
				if from != int64(len(got)) {
					t.Fatalf("read from %d, want %d", from, len(got))
				}
				got = append(got, buf[:n]...)
			},
			"": func(t *rapid.T) {
				if !bytes.HasPrefix(want, got) {
					t.Fatalf("read %q of %q", got, want)
				}
				if tail := o.tail(10); !bytes.HasSuffix(want, tail) || len(tail) != min(10, len(want)) {
					t.Fatalf("tail %q of %q", tail, want)
				}
			},
		})
	})
}

func TestOutputIsEmptiedWhenItIsTooLong(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out")
	o, sink, err := newOutput(path)
	if err != nil {
		t.Fatal(err)
	}
	defer sink.Close()
	line := strings.Repeat("x", 99) + "\n"
	write(t, sink, strings.Repeat(line, limit/len(line)+1))
	o.look()
	if info, err := os.Stat(path); err != nil || info.Size() != 0 {
		t.Fatalf("the file was not emptied: %v, %v", info.Size(), err)
	}
	write(t, sink, "after\n")
	if got := string(o.tail(8)); got != "x\nafter\n" {
		t.Errorf("tail %q", got)
	}
	o.look()
	o.end()
	var lines []string
	if err := o.follow(t.Context(), func(line string) { lines = append(lines, line) }); err != nil {
		t.Fatal(err)
	}
	if first := lines[0]; !strings.Contains(first, "bytes of output left out") {
		t.Errorf("the first line is %q", first)
	}
	if last := lines[len(lines)-1]; last != "after" {
		t.Errorf("the last line is %q", last)
	}
	if got := string(o.tail(6)); got != "after\n" {
		t.Errorf("tail after the end %q", got)
	}
}

func TestLines(t *testing.T) {
	long := strings.Repeat("y", longest+40<<10)
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"nothing", "", nil},
		{"one", "a\n", []string{"a"}},
		{"without an end", "a\nb", []string{"a", "b"}},
		{"empty lines", "\n\na\n\n", []string{"", "", "a", ""}},
		{"carriage returns", "a\r\nb\r\n", []string{"a", "b"}},
		{"too long", long, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			o, sink, err := newOutput("")
			if err != nil {
				t.Fatal(err)
			}
			defer sink.Close()
			write(t, sink, c.text)
			o.end()
			var got []string
			if err := o.follow(context.Background(), func(line string) { got = append(got, line) }); err != nil {
				t.Fatal(err)
			}
			if c.text == long {
				if strings.Join(got, "") != long || len(got) < 2 {
					t.Errorf("%d pieces", len(got))
				}
				return
			}
			if strings.Join(got, "|") != strings.Join(c.want, "|") || len(got) != len(c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// TestOutputOfForks: what a process prints that was not started here is bounded
// too, and its end is kept.
func TestOutputOfForks(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out")
	out, err := OpenOutput(path)
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	block := bytes.Repeat([]byte("x"), limit+1)
	if _, err := file.Write(block); err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(20 * time.Second)
	for {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if info.Size() == 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("the file still has %d bytes", info.Size())
		}
		time.Sleep(glance / 10)
	}
	if _, err := file.WriteString("the end"); err != nil {
		t.Fatal(err)
	}
	out.Close()
	out.Close()
	if got := string(out.Tail(9)); got != "xxthe end" {
		t.Errorf("got %q", got)
	}
}
