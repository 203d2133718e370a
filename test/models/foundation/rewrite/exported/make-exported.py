"""Writes the ONNX files of this folder with PyTorch's own exporter, so that the rewrite is tested on what exporters
really write and not only on what this project generates. Not part of any build: the files are committed.

    apt-get install python3-torch && /usr/bin/python3 make-exported.py

Small vision transformers with random weights and a class token; the attention is written in the three ways that published
files have it, and as OpenAI's own code does it: PyTorch's module, one matrix for query, key and value, tokens before the
batch. Beside each file goes NAME.json with one input and the embedding that PyTorch computed for it.
"""
import json

import torch
from torch import nn
from torch.nn import functional as F

WIDTH, HEADS, FEED, LAYERS, SIDE, PATCH, DIMENSION = 16, 2, 32, 2, 16, 8, 12


class Attention(nn.Module):
    def __init__(self, kind):
        super().__init__()
        self.kind, self.each = kind, WIDTH // HEADS
        if kind == "tokens first":
            self.fused = nn.MultiheadAttention(WIDTH, HEADS)
            return
        self.q_proj, self.k_proj = nn.Linear(WIDTH, WIDTH), nn.Linear(WIDTH, WIDTH)
        self.v_proj, self.out_proj = nn.Linear(WIDTH, WIDTH), nn.Linear(WIDTH, WIDTH)

    def forward(self, x):
        if self.kind == "tokens first":
            return self.fused(x, x, x, need_weights=False)[0]
        batch, tokens, _ = x.size()
        q, k, v = self.q_proj(x), self.k_proj(x), self.v_proj(x)
        if self.kind == "heads in batch":
            q = q * self.each**-0.5
            fold = lambda t: t.view(batch, -1, HEADS, self.each).transpose(1, 2).reshape(batch * HEADS, -1, self.each)
            q, k, v = fold(q), fold(k), fold(v)
            mixed = torch.bmm(F.softmax(torch.bmm(q, k.transpose(1, 2)), dim=-1), v)
            mixed = mixed.view(batch, HEADS, tokens, self.each)
        else:
            q, k, v = (t.view(batch, tokens, -1, self.each).transpose(1, 2) for t in (q, k, v))
            if self.kind == "scaled scores":
                scores = torch.matmul(q, k.transpose(-1, -2)) * self.each**-0.5
            else:
                root = torch.sqrt(1 / torch.sqrt(torch._shape_as_tensor(q)[-1].to(torch.float32)))
                scores = torch.matmul(q * root, k.transpose(-1, -2) * root)
            mixed = torch.matmul(F.softmax(scores, dim=-1, dtype=torch.float32), v)
        return self.out_proj(mixed.transpose(1, 2).reshape(batch, tokens, WIDTH))


class Block(nn.Module):
    def __init__(self, kind, activation):
        super().__init__()
        self.activation = activation
        self.self_attn = Attention(kind)
        self.layer_norm1, self.layer_norm2 = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.fc1, self.fc2 = nn.Linear(WIDTH, FEED), nn.Linear(FEED, WIDTH)

    def forward(self, x):
        x = x + self.self_attn(self.layer_norm1(x))
        y = self.fc1(self.layer_norm2(x))
        y = y * torch.sigmoid(1.702 * y) if self.activation == "quick_gelu" else F.gelu(y)
        return x + self.fc2(y)


class Vision(nn.Module):
    def __init__(self, kind, activation):
        super().__init__()
        self.kind = kind
        tokens = (SIDE // PATCH) ** 2 + 1
        self.class_embedding = nn.Parameter(torch.randn(WIDTH))
        self.patch_embedding = nn.Conv2d(3, WIDTH, PATCH, PATCH, bias=False)
        self.position_embedding = nn.Embedding(tokens, WIDTH)
        self.register_buffer("position_ids", torch.arange(tokens).expand((1, -1)))
        self.pre_layrnorm, self.post_layernorm = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.layers = nn.ModuleList([Block(kind, activation) for _ in range(LAYERS)])
        self.visual_projection = nn.Linear(WIDTH, DIMENSION, bias=False)

    def forward(self, pixel_values):
        patches = self.patch_embedding(pixel_values).flatten(2).transpose(1, 2)
        token = self.class_embedding.expand(pixel_values.shape[0], 1, -1)
        if self.kind == "tokens first":
            token = self.class_embedding + torch.zeros(pixel_values.shape[0], 1, WIDTH)
        x = torch.cat([token, patches], dim=1) + self.position_embedding(self.position_ids)
        x = self.pre_layrnorm(x)
        if self.kind == "tokens first":
            x = x.permute(1, 0, 2)
        for layer in self.layers:
            x = layer(x)
        if self.kind == "tokens first":
            x = x.permute(1, 0, 2)
        return self.visual_projection(self.post_layernorm(x[:, 0, :]))


AXES = {0: "batch_size", 1: "num_channels", 2: "height", 3: "width"}
for name, kind, activation, opset in [
    ("heads-in-batch-opset11", "heads in batch", "quick_gelu", 11),
    ("scaled-scores-opset14", "scaled scores", "gelu", 14),
    ("scaled-sides-opset17", "scaled sides", "quick_gelu", 17),
    ("tokens-first-opset11", "tokens first", "quick_gelu", 11),
]:
    torch.manual_seed(opset)
    model = Vision(kind, activation).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.1)
    pixels = torch.round(torch.rand(2, 3, SIDE, SIDE) * 255)
    scaled = pixels / 255 * 2 - 1
    torch.onnx.export(
        model, (scaled,), f"{name}.onnx", opset_version=opset,
        input_names=["pixel_values"], output_names=["image_embeds"],
        dynamic_axes={"pixel_values": AXES, "image_embeds": {0: "batch_size"}},
    )
    with torch.no_grad():
        embeds = model(scaled)
    rows = pixels.permute(0, 2, 3, 1).flatten().to(torch.int64).tolist()
    with open(f"{name}.json", "w") as file:
        json.dump({"pixels": rows, "image_embeds": [round(v, 6) for v in embeds.flatten().tolist()]}, file)
    print(name, tuple(embeds.shape))
