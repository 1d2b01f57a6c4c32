"""A hook of mkdocs: executes each notebook and makes it a page. An error in a cell fails the build."""

from pathlib import Path

from mkdocs.structure.files import File
from nbconvert import MarkdownExporter
from nbconvert.preprocessors import ExecutePreprocessor


def executed(path: Path) -> str:
    """Return a notebook as Markdown, with the outputs of its cells."""
    quiet = ["--IPKernelApp.log_level=ERROR"]  # it warns that loopback isn't encrypted
    run = ExecutePreprocessor(timeout=120, kernel_name="python3", extra_arguments=quiet)
    exporter = MarkdownExporter()
    exporter.register_preprocessor(run, enabled=True)
    text, _ = exporter.from_filename(str(path), resources={"metadata": {"path": str(path.parent)}})
    return text


def on_files(files, config):
    for file in [file for file in files if file.src_uri.endswith(".ipynb")]:
        files.remove(file)
        page = file.src_uri.removesuffix(".ipynb") + ".md"
        files.append(File.generated(config, page, content=executed(Path(file.abs_src_path))))
    return files
