"""Writes the ONNX files of this folder whose embeddings are pooled from all tokens, as make-fused.py does for the others.

    pip install torch timm open_clip_torch transformers onnx onnxscript && python3 make-pooled.py

siglip-opset14, siglip-opset20: SigLIP of transformers by both exporters, attention in parts and as PyTorch's operator; a
learnt probe attends to all tokens, with the attention of PyTorch's module.
timm-siglip-opset17: the same of timm, which has its own attention for the probe, with key and value as one matrix.
timm-mean-opset17: the mean of the patches, without the class token, then a norm; scaled branches.
open-clip-mean-opset18: the norm, then the mean of the patches; scaled branches, embeddings of length 1.
"""
from open_clip.transformer import VisionTransformer as OpenClip
from timm.models.vision_transformer import VisionTransformer as Timm
from transformers import SiglipVisionConfig, SiglipVisionModel

from write_example import DIMENSION, FEED, HEADS, LAYERS, PATCH, SIDE, WIDTH, Normalised, Output, write_example


def siglip(attention):
    config = SiglipVisionConfig(hidden_size=WIDTH, intermediate_size=FEED, num_hidden_layers=LAYERS, image_size=SIDE,
                                num_attention_heads=HEADS, patch_size=PATCH, attn_implementation=attention)
    return Output(SiglipVisionModel(config), "pooler_output")


def timm(**kinds):
    return Timm(img_size=SIDE, patch_size=PATCH, embed_dim=WIDTH, depth=LAYERS, num_heads=HEADS, mlp_ratio=FEED / WIDTH,
                **kinds)


def open_clip():
    return Normalised(OpenClip(image_size=SIDE, patch_size=PATCH, width=WIDTH, layers=LAYERS, heads=HEADS,
                               mlp_ratio=FEED / WIDTH, output_dim=DIMENSION, ls_init_value=0.5, pool_type="avg"))


for name, make, opset, dynamo in [
    ("siglip-opset14", lambda: siglip("eager"), 14, False),
    ("siglip-opset20", lambda: siglip("sdpa"), 20, True),
    ("timm-siglip-opset17", lambda: timm(class_token=False, global_pool="map", num_classes=0), 17, False),
    ("timm-mean-opset17", lambda: timm(global_pool="avg", init_values=0.5, num_classes=DIMENSION), 17, False),
    ("open-clip-mean-opset18", open_clip, 18, True),
]:
    write_example(name, make, opset, dynamo)
