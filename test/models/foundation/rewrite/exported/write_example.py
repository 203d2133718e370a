"""Sizes of the models of make-fused.py and make-pooled.py, and what writes one of their ONNX files."""
import json

import onnx
import torch
from torch import nn
from torch.nn import functional as F

WIDTH, HEADS, FEED, LAYERS, SIDE, PATCH, DIMENSION = 16, 2, 32, 2, 16, 8, 12


class Output(nn.Module):
    """One of the outputs of a model of transformers."""

    def __init__(self, model, name):
        super().__init__()
        self.model, self.name = model, name

    def forward(self, pixel_values):
        return getattr(self.model(pixel_values=pixel_values), self.name)


class Normalised(nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, pixel_values):
        return F.normalize(self.model(pixel_values), dim=-1)


def write_example(name, make, opset, dynamo):
    """NAME.onnx by one of PyTorch's exporters, and NAME.json with pixels and the embeddings that PyTorch gives of them."""
    torch.manual_seed(opset)
    model = make().eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.1)
    pixels = torch.round(torch.rand(2, 3, SIDE, SIDE) * 255)
    scaled = pixels / 255 * 2 - 1
    names = {"input_names": ["pixel_values"], "output_names": ["image_embeds"], "opset_version": opset}
    if dynamo:
        batch = ({0: torch.export.Dim("batch_size")},)
        torch.onnx.export(model, (scaled,), f"{name}.onnx", dynamo=True, external_data=False, dynamic_shapes=batch, **names)
    else:
        axes = {"pixel_values": {0: "batch_size"}, "image_embeds": {0: "batch_size"}}
        torch.onnx.export(model, (scaled,), f"{name}.onnx", dynamo=False, dynamic_axes=axes, **names)
    strip(f"{name}.onnx")
    with torch.no_grad():
        embeds = model(scaled)
    rows = pixels.permute(0, 2, 3, 1).flatten().to(torch.int64).tolist()
    with open(f"{name}.json", "w") as file:
        json.dump({"pixels": rows, "image_embeds": [round(v, 6) for v in embeds.flatten().tolist()]}, file)
    print(name, tuple(embeds.shape))


def strip(file):
    """Takes out where in which file each node comes from."""
    model = onnx.load(file)
    for part in [model.graph, *model.graph.node, *model.graph.value_info, *model.graph.input, *model.graph.output]:
        part.doc_string = ""
        part.ClearField("metadata_props")
    model.graph.ClearField("value_info")
    onnx.save(model, file)
