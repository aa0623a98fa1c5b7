"""Where users come from: /connections and the applications enabled on them."""
