"""Writes the ONNX files of this folder whose transformers come from timm, open_clip and transformers, as make-exported.py
does for the others; with the newest PyTorch and its two exporters.

    pip install torch timm open_clip_torch transformers onnx onnxscript && python3 make-fused.py

timm-opset14: query, key and value one matrix, the norm before the class token is taken, a bias of the projection.
open-clip-opset17: the attention of PyTorch's module, the tokens of a batch turned for it, embeddings of length 1.
attention-opset23: CLIP of transformers, with attention as one operator.
"""
import json

import onnx
import torch
from open_clip.transformer import VisionTransformer as OpenClip
from timm.models.vision_transformer import VisionTransformer as Timm
from torch import nn
from torch.nn import functional as F
from transformers import CLIPVisionConfig, CLIPVisionModelWithProjection

WIDTH, HEADS, FEED, LAYERS, SIDE, PATCH, DIMENSION = 16, 2, 32, 2, 16, 8, 12


class Normalised(nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, pixel_values):
        return F.normalize(self.model(pixel_values), dim=-1)


class Embeds(nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, pixel_values):
        return self.model(pixel_values=pixel_values).image_embeds


def timm():
    model = Timm(img_size=SIDE, patch_size=PATCH, embed_dim=WIDTH, depth=LAYERS, num_heads=HEADS, mlp_ratio=FEED / WIDTH,
                 num_classes=DIMENSION)
    for block in model.blocks:
        block.attn.fused_attn = False
    return model


def open_clip():
    return Normalised(OpenClip(image_size=SIDE, patch_size=PATCH, width=WIDTH, layers=LAYERS, heads=HEADS,
                               mlp_ratio=FEED / WIDTH, output_dim=DIMENSION))


def clip():
    config = CLIPVisionConfig(hidden_size=WIDTH, intermediate_size=FEED, num_hidden_layers=LAYERS, image_size=SIDE,
                              num_attention_heads=HEADS, patch_size=PATCH, projection_dim=DIMENSION)
    return Embeds(CLIPVisionModelWithProjection(config))


def strip(file):
    """Takes out where in which file each node comes from."""
    model = onnx.load(file)
    for part in [model.graph, *model.graph.node, *model.graph.value_info, *model.graph.input, *model.graph.output]:
        part.doc_string = ""
        part.ClearField("metadata_props")
    model.graph.ClearField("value_info")
    onnx.save(model, file)


for name, make, opset in [("timm-opset14", timm, 14), ("open-clip-opset17", open_clip, 17),
                          ("attention-opset23", clip, 23)]:
    torch.manual_seed(opset)
    model = make().eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.1)
    pixels = torch.round(torch.rand(2, 3, SIDE, SIDE) * 255)
    scaled = pixels / 255 * 2 - 1
    names = {"input_names": ["pixel_values"], "output_names": ["image_embeds"], "opset_version": opset}
    if opset < 18:
        axes = {"pixel_values": {0: "batch_size"}, "image_embeds": {0: "batch_size"}}
        torch.onnx.export(model, (scaled,), f"{name}.onnx", dynamo=False, dynamic_axes=axes, **names)
    else:
        batch = ({0: torch.export.Dim("batch_size")},)
        torch.onnx.export(model, (scaled,), f"{name}.onnx", dynamo=True, external_data=False, dynamic_shapes=batch, **names)
        strip(f"{name}.onnx")
    with torch.no_grad():
        embeds = model(scaled)
    rows = pixels.permute(0, 2, 3, 1).flatten().to(torch.int64).tolist()
    with open(f"{name}.json", "w") as file:
        json.dump({"pixels": rows, "image_embeds": [round(v, 6) for v in embeds.flatten().tolist()]}, file)
    print(name, tuple(embeds.shape))
