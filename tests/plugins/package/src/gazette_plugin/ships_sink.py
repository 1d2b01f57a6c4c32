"""A sink: the names of the ships, one a line."""


class ShipsSink:
    """Writes `.ships` files."""

    name = "ships"
    suffix = ".ships"
    tables = False

    def open(self, path, options):
        self._file = path.open("w", encoding="utf-8")

    def write(self, summary, text=None):
        for record in summary.all_records():
            if record.ship == "Kraken":
                raise RuntimeError("there is no such ship")
            self._file.write(f"{record.ship}\n")

    def close(self):
        self._file.close()
