"""Writes the ONNX files of this folder whose embeddings are pooled from all tokens, as make-fused.py does for the others.

    pip install torch timm open_clip_torch transformers onnx onnxscript && python3 make-pooled.py

siglip-opset14, siglip-opset20: SigLIP of transformers by both exporters, attention in parts and as PyTorch's operator; a
learnt probe attends to all tokens, with the attention of PyTorch's module.
timm-siglip-opset17: the same of timm, which has its own attention for the probe, with key and value as one matrix.
timm-mean-opset17: the mean of the patches, without the class token, then a norm; scaled branches.
open-clip-mean-opset18: the norm, then the mean of the patches; scaled branches, embeddings of length 1.
"""
import json

import onnx
import torch
from open_clip.transformer import VisionTransformer as OpenClip
from timm.models.vision_transformer import VisionTransformer as Timm
from torch import nn
from torch.nn import functional as F
from transformers import SiglipVisionConfig, SiglipVisionModel

WIDTH, HEADS, FEED, LAYERS, SIDE, PATCH, DIMENSION = 16, 2, 32, 2, 16, 8, 12


class Pooled(nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, pixel_values):
        return self.model(pixel_values=pixel_values).pooler_output


class Normalised(nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, pixel_values):
        return F.normalize(self.model(pixel_values), dim=-1)


def siglip(attention):
    config = SiglipVisionConfig(hidden_size=WIDTH, intermediate_size=FEED, num_hidden_layers=LAYERS, image_size=SIDE,
                                num_attention_heads=HEADS, patch_size=PATCH, attn_implementation=attention)
    return Pooled(SiglipVisionModel(config))


def timm(**kinds):
    return Timm(img_size=SIDE, patch_size=PATCH, embed_dim=WIDTH, depth=LAYERS, num_heads=HEADS, mlp_ratio=FEED / WIDTH,
                **kinds)


def open_clip():
    return Normalised(OpenClip(image_size=SIDE, patch_size=PATCH, width=WIDTH, layers=LAYERS, heads=HEADS,
                               mlp_ratio=FEED / WIDTH, output_dim=DIMENSION, ls_init_value=0.5, pool_type="avg"))


def strip(file):
    """Takes out where in which file each node comes from."""
    model = onnx.load(file)
    for part in [model.graph, *model.graph.node, *model.graph.value_info, *model.graph.input, *model.graph.output]:
        part.doc_string = ""
        part.ClearField("metadata_props")
    model.graph.ClearField("value_info")
    onnx.save(model, file)


for name, make, opset, dynamo in [
    ("siglip-opset14", lambda: siglip("eager"), 14, False),
    ("siglip-opset20", lambda: siglip("sdpa"), 20, True),
    ("timm-siglip-opset17", lambda: timm(class_token=False, global_pool="map", num_classes=0), 17, False),
    ("timm-mean-opset17", lambda: timm(global_pool="avg", init_values=0.5, num_classes=DIMENSION), 17, False),
    ("open-clip-mean-opset18", open_clip, 18, True),
]:
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
