"""Graphs as layers of tasks by name: the form in which libraries hand graphs to schedulers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from swath._protocol import flat_keys, graph_dict, is_foreign_collection
from swath.core import get_dependencies
from swath.optimization import cull

__all__ = ["HighLevelGraph", "Layer", "MaterializedLayer"]


class Layer(Mapping[Any, Any]):
    """A named part of a graph: a mapping of keys to tasks."""

    def __init__(self, annotations: Mapping[str, Any] | None = None, collection_annotations: Any = None) -> None:
        from swath.base import get_annotations

        self.annotations = dict(annotations) if annotations is not None else dict(get_annotations()) or None
        self.collection_annotations = collection_annotations

    def is_materialized(self) -> bool:
        """Are all tasks listed?"""
        return True

    def get_output_keys(self) -> set[Any]:
        """The keys that others may read."""
        return set(self)

    def get_dependencies(self, key: Any, all_hlg_keys: Any) -> set[Any]:
        """What the task ``key`` reads, of this layer and others."""
        return get_dependencies(all_hlg_keys, task=self[key])

    def cull(self, keys: set[Any], all_hlg_keys: Any) -> tuple[Layer, dict[Any, set[Any]]]:
        """The part that ``keys`` need, and what each task of it reads."""
        kept: dict[Any, Any] = {}
        reads: dict[Any, set[Any]] = {}
        work = [key for key in keys if key in self]
        while work:
            key = work.pop()
            if key in kept:
                continue
            kept[key] = self[key]
            reads[key] = self.get_dependencies(key, all_hlg_keys)
            work.extend(inner for inner in reads[key] if inner in self)
        return MaterializedLayer(kept, self.annotations), reads


class MaterializedLayer(Layer):
    """A layer that holds a dict."""

    def __init__(self, mapping: Mapping[Any, Any], annotations: Any = None, collection_annotations: Any = None) -> None:
        super().__init__(annotations, collection_annotations)
        self.mapping = mapping

    def __contains__(self, key: object) -> bool:
        return key in self.mapping

    def __getitem__(self, key: Any) -> Any:
        return self.mapping[key]

    def __iter__(self) -> Iterator[Any]:
        return iter(self.mapping)

    def __len__(self) -> int:
        return len(self.mapping)

    def __repr__(self) -> str:
        return f"<MaterializedLayer of {len(self)} tasks>"


class HighLevelGraph(Mapping[Any, Any]):
    """Layers and which of them read which; as a mapping, all their tasks.

    >>> from swath.highlevelgraph import HighLevelGraph
    >>> graph = HighLevelGraph({"a": {"x": 1}, "b": {"y": (abs, "x")}}, {"a": set(), "b": {"a"}})
    >>> sorted(graph), graph.dependents["a"]
    (['x', 'y'], {'b'})
    """

    def __init__(
        self,
        layers: Mapping[str, Mapping[Any, Any]],
        dependencies: Mapping[str, Iterable[str]],
        key_dependencies: Any = None,
    ) -> None:
        self.layers = {k: v if isinstance(v, Layer) else MaterializedLayer(v) for k, v in layers.items()}
        self.dependencies = {name: set(inner) for name, inner in dependencies.items()}
        self.key_dependencies: dict[Any, Any] = key_dependencies or {}

    @classmethod
    def from_collections(cls, name: str, layer: Mapping[Any, Any], dependencies: Sequence[Any] = ()) -> HighLevelGraph:
        """A graph of one new layer over the graphs of the collections that it reads."""
        layers: dict[str, Any] = {name: layer}
        deps: dict[str, set[str]] = {name: set()}
        for collection in dependencies:
            if not is_foreign_collection(collection):
                raise TypeError(f"{type(collection)} has no __dask_graph__")
            graph = collection.__dask_graph__()
            if isinstance(graph, HighLevelGraph):
                layers.update(graph.layers)
                deps.update(graph.dependencies)
                deps[name] |= set(collection.__dask_layers__())
            else:
                keys = flat_keys(collection.__dask_keys__())
                part = str(keys[0][0] if isinstance(keys[0], tuple) else keys[0])
                layers[part] = graph_dict(graph)
                deps[part] = set()
                deps[name].add(part)
        return cls(layers, deps)

    @classmethod
    def merge(cls, *graphs: Mapping[Any, Any]) -> HighLevelGraph:
        """All layers of all graphs; a plain dict becomes a layer."""
        layers: dict[str, Any] = {}
        deps: dict[str, Any] = {}
        for graph in graphs:
            if isinstance(graph, HighLevelGraph):
                layers.update(graph.layers)
                deps.update(graph.dependencies)
            elif isinstance(graph, Mapping):
                layers[str(id(graph))] = graph
                deps[str(id(graph))] = set()
            else:
                raise TypeError(f"cannot merge a {type(graph)}; graphs are mappings")
        return cls(layers, deps)

    @property
    def dependents(self) -> dict[str, set[str]]:
        """Which layers read each layer."""
        result: dict[str, set[str]] = {name: set() for name in self.layers}
        for name, inner in self.dependencies.items():
            for other in inner:
                result.setdefault(other, set()).add(name)
        return result

    def to_dict(self) -> dict[Any, Any]:
        """All tasks as one dict."""
        return {key: task for layer in self.layers.values() for key, task in layer.items()}

    def __getitem__(self, key: Any) -> Any:
        for layer in self.layers.values():
            if key in layer:
                return layer[key]
        raise KeyError(key)

    def __contains__(self, key: object) -> bool:
        return any(key in layer for layer in self.layers.values())

    def __iter__(self) -> Iterator[Any]:
        return iter(self.to_dict())

    def __len__(self) -> int:
        return sum(len(layer) for layer in self.layers.values())

    def copy(self) -> HighLevelGraph:
        """Another graph of the same layers."""
        return HighLevelGraph(dict(self.layers), dict(self.dependencies), dict(self.key_dependencies))

    def get_all_external_keys(self) -> set[Any]:
        """The keys of all layers that others may read."""
        return {key for layer in self.layers.values() for key in layer.get_output_keys()}

    def get_all_dependencies(self) -> dict[Any, set[Any]]:
        """What each task reads."""
        keys = self.to_dict()
        return {key: layer.get_dependencies(key, keys) for layer in self.layers.values() for key in layer}

    def cull(self, keys: Any) -> HighLevelGraph:
        """The part that ``keys`` need."""
        tasks, _ = cull(self.to_dict(), keys)
        layers: dict[str, Any] = {}
        for name, layer in self.layers.items():
            part = {key: layer[key] for key in layer if key in tasks}
            if part:
                layers[name] = MaterializedLayer(part, layer.annotations)
        return HighLevelGraph(layers, {name: self.dependencies.get(name, set()) & set(layers) for name in layers})

    def cull_layers(self, layers: Iterable[str]) -> HighLevelGraph:
        """The part that the named layers need."""
        kept: set[str] = set()
        work = list(layers)
        while work:
            name = work.pop()
            if name not in kept:
                kept.add(name)
                work.extend(self.dependencies.get(name, ()))
        return HighLevelGraph(
            {name: layer for name, layer in self.layers.items() if name in kept},
            {name: inner for name, inner in self.dependencies.items() if name in kept},
        )

    def validate(self) -> None:
        """ValueError when dependencies name layers that are not there, or are not what the tasks say."""
        for name, inner in self.dependencies.items():
            for other in inner:
                if other not in self.layers:
                    raise ValueError(f"{other!r}, which layer {name!r} reads, is not in the graph")
        for name in self.layers:
            if name not in self.dependencies:
                raise ValueError(f"layer {name!r} has no entry in dependencies")

    def visualize(self, filename: str = "swath-hlg", format: str | None = None, **kwargs: Any) -> Any:
        """Draw the layers; the arguments are those of :func:`swath.visualize`."""
        from swath._engine import core
        from swath.diagnostics.drawing import draw

        graph = {name: (_layer, *sorted(self.dependencies.get(name, ()))) for name in self.layers}
        return draw(
            core.graph_nodes(graph, list(graph)), filename, format, "tasks", kwargs.pop("engine", None), False, **kwargs
        )

    def _repr_html_(self) -> str:
        import html

        rows = "".join(f"<tr><td>{html.escape(str(k))}</td><td>{len(v)}</td></tr>" for k, v in self.layers.items())
        return f"<table><thead><tr><th>Layer</th><th>Tasks</th></tr></thead><tbody>{rows}</tbody></table>"

    def __repr__(self) -> str:
        lines = "\n".join(f" {i}. {name}" for i, name in enumerate(self.layers))
        return f"HighLevelGraph with {len(self.layers)} layers.\n{lines}"


def _layer(*inputs: Any) -> None:
    """A layer in a drawing."""
