"""Protection of what a stage must not lose by mistake."""

import pulumi

# The bindings are not among them: the trigger's list is retained whenever it leaves the stack, and our place
# in it has to go at once when enforcement is turned off; a destroy spares it as long as it spares the Action.
PROTECTED = frozenset({"auth0:index/action:Action"})


def protect(args: pulumi.ResourceTransformArgs) -> pulumi.ResourceTransformResult | None:
    """A transform for the whole stack: protected resources stop any plan that deletes or replaces them."""
    if args.type_ not in PROTECTED:
        return None
    opts = pulumi.ResourceOptions.merge(args.opts, pulumi.ResourceOptions(protect=True))
    return pulumi.ResourceTransformResult(args.props, opts)
