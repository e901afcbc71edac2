package cli

// identifyTwist gives content.identify the flag --wait: of a folder its answer
// holds a job, of a file what that is.
func identifyTwist(sp *spec) {
	waitTwist(sp)
	sp.run = func(c *call) error {
		if !c.flag("wait") {
			return c.plain()
		}
		cl, err := c.connect(c.ctx)
		if err != nil {
			return err
		}
		defer cl.close()
		out, err := cl.call(c.ctx, c.def.Name, c.in)
		if err != nil {
			return err
		}
		if j := field(out, "job"); isObject(j) {
			return c.followToEnd(c.ctx, cl, text(j, "id"))
		}
		return c.render(c.def, out)
	}
}
