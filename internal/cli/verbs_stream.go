package cli

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stardrive/stardrive/internal/errs"
)

// catCommand writes the bytes of files to stdout.
func (s *shell) catCommand() *cobra.Command {
	return &cobra.Command{
		Use: "cat PATH...", Short: "Write the bytes of files to stdout", GroupID: "browse",
		Example: "  stardrive cat sd://local/home/ann/notes.txt",
		Args:    atLeastOne("the path is missing"),
		RunE: s.runE(func(cmd *cobra.Command, args []string) error {
			c, err := s.connect(cmd.Context())
			if err != nil {
				return err
			}
			defer c.close()
			for _, a := range args {
				if err := s.cat(cmd.Context(), c, a); err != nil {
					return err
				}
			}
			return nil
		}),
	}
}

func (s *shell) cat(ctx context.Context, c *client, arg string) error {
	path, err := pathArg(arg)
	if err != nil {
		return err
	}
	out, err := c.call(ctx, "entry.info", map[string]string{"path": path})
	if err != nil {
		return err
	}
	var e entry
	if err := unmarshal(out, &e); err != nil {
		return err
	}
	if e.Kind != "file" && e.Kind != "symlink" {
		return errs.New(errs.Invalid, "this is a %s: it has no bytes to write", word(e.Kind)).At(shown(arg))
	}
	where, query := "/v1/content/"+url.PathEscape(e.ID), url.Values(nil)
	if e.ID == "" || e.Kind == "symlink" { // not in the index, or what it points to may not be
		where, query = "/v1/content", url.Values{"path": {e.Path}}
	}
	body, err := c.get(ctx, where, query)
	if err != nil {
		return err
	}
	defer body.Close()
	if _, err := io.Copy(s.stdout, readErrors{ctx, c, body}); err != nil {
		return err
	}
	return nil
}

// readErrors explains a stream that breaks off, and leaves write errors alone.
type readErrors struct {
	ctx context.Context
	c   *client
	r   io.Reader
}

func (r readErrors) Read(p []byte) (int, error) {
	n, err := r.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = r.c.lost(r.ctx, err)
	}
	return n, err
}

// eventsCommand prints the change feed, one JSON object a line.
func (s *shell) eventsCommand() *cobra.Command {
	var since int64
	var follow, summary bool
	var types []string
	cmd := &cobra.Command{
		Use: "events", Short: "Print what changed, one JSON object a line", GroupID: "daemon", Args: cobra.NoArgs,
		Long: "Print what changed: without --follow what there is by now, from the beginning or --since a number;\n" +
			"with it what comes from now on, or since that number. Every object has seq, time and type; the last\n" +
			"seq is where to go on another time.",
		Example: "  stardrive events --since 1200\n  stardrive events --follow --types job.changed,location.indexed,entry.created",
	}
	cmd.Flags().SortFlags = false
	cmd.Flags().Int64Var(&since, "since", 0, "print events after this `number`")
	cmd.Flags().BoolVar(&follow, "follow", false, "go on printing what comes")
	cmd.Flags().StringSliceVar(&types, "types", nil, "only these `types`, separated by commas")
	cmd.Flags().BoolVar(&summary, "summary", false, "fold changes of many entries into one event by folder")
	cmd.RunE = s.runE(func(cmd *cobra.Command, _ []string) error {
		query := url.Values{}
		if !follow {
			query.Set("follow", "false")
		}
		if !follow || cmd.Flags().Changed("since") {
			query.Set("since", strconv.FormatInt(since, 10))
		}
		if len(types) > 0 {
			query.Set("types", strings.Join(types, ","))
		}
		if summary {
			query.Set("summary", "true")
		}
		c, err := s.connect(cmd.Context())
		if err != nil {
			return err
		}
		defer c.close()
		body, err := c.get(cmd.Context(), "/v1/events", query)
		if err != nil {
			return err
		}
		defer body.Close()
		err = eachEvent(readErrors{cmd.Context(), c, body}, func(data []byte) error {
			if _, err := fmt.Fprintf(s.stdout, "%s\n", data); err != nil {
				return err
			}
			return s.stdout.Flush()
		})
		if err == nil && follow {
			err = errs.New(errs.Unavailable, "the daemon has ended the stream")
		}
		return err
	})
	return cmd
}

const maxEvent = 8 << 20 // bytes of one event's line

// eachEvent reads a text/event-stream and hands over the data of each event.
func eachEvent(r io.Reader, emit func(data []byte) error) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 64<<10), maxEvent)
	var data []byte
	for lines.Scan() {
		line := lines.Bytes()
		if len(line) == 0 {
			if len(data) > 0 {
				if err := emit(data); err != nil {
					return err
				}
			}
			data = data[:0]
			continue
		}
		if value, ok := bytes.CutPrefix(line, []byte("data:")); ok {
			if len(data) > 0 {
				data = append(data, ' ') // between JSON tokens a blank does as well, and it stays one line
			}
			data = append(data, bytes.TrimPrefix(value, []byte(" "))...)
		} // comments, ids and names of events are not needed here
	}
	if err := lines.Err(); err != nil {
		if errors.Is(err, bufio.ErrTooLong) {
			return errs.New(errs.Internal, "an event is longer than %d bytes", maxEvent)
		}
		return err
	}
	return nil
}

func atLeastOne(missing string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) == 0 {
			return errors.New(missing)
		}
		return nil
	}
}
