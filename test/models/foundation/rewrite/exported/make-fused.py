"""Writes the ONNX files of this folder whose transformers come from timm, open_clip and transformers, as make-exported.py
does for the others; with the newest PyTorch and its two exporters.

    pip install torch timm open_clip_torch transformers onnx onnxscript && python3 make-fused.py

timm-opset14: query, key and value one matrix, the norm before the class token is taken, a bias of the projection.
open-clip-opset17: the attention of PyTorch's module, the tokens of a batch turned for it, embeddings of length 1.
attention-opset23: CLIP of transformers, with attention as one operator.
"""
from open_clip.transformer import VisionTransformer as OpenClip
from timm.models.vision_transformer import VisionTransformer as Timm
from transformers import CLIPVisionConfig, CLIPVisionModelWithProjection

from write_example import DIMENSION, FEED, HEADS, LAYERS, PATCH, SIDE, WIDTH, Normalised, Output, write_example


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
    return Output(CLIPVisionModelWithProjection(config), "image_embeds")


for name, make, opset, dynamo in [
    ("timm-opset14", timm, 14, False),
    ("open-clip-opset17", open_clip, 17, False),
    ("attention-opset23", clip, 23, True),
]:
    write_example(name, make, opset, dynamo)
