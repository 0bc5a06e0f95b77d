"""Bad values of every parameter: each is refused at once, in one sentence that says where and what is right.

tests/test_what_dvc_says.py has those that DVC meets before our code does.
"""

from pathlib import Path
from typing import Any

import pytest

from tests.builders.parameters import DEFAULT, changed, refusal

# What is changed, as `dvc exp run -S` takes it (`~`: removed), and how the sentence begins. The value stands in
# params.yaml as it does here.
BAD = r"""
# No parameter, no value
rhoo=5  =>  no parameter 'rhoo'; did you mean 'rho'
Rho=5  =>  no parameter 'Rho'; did you mean 'rho'
5=5  =>  no parameter 5
null=5  =>  no parameter null
replicate=3  =>  no parameter 'replicate'; did you mean 'replicates'
method={}  =>  no parameter 'method'; did you mean 'methods'
''=1  =>  no parameter ''
~rho  =>  rho is missing; add it.
~methods  =>  methods is missing; add it.
~image_folder  =>  image_folder is missing; add it.
~recipes  =>  recipes is missing; add it.
~seed  =>  seed is missing; add it.
~image_folder.root  =>  image_folder.root is missing; add it.
~tau  =>  tau is missing; add it.
~rules  =>  rules is missing; add it.
rho=  =>  rho = null: input should be a number.
rho=null  =>  rho = null: input should be a number.
rho={}  =>  rho = {}: input should be a number.
rho=[]  =>  rho = []: input should be a number.
rho=[50]  =>  rho = [50]: input should be a number.
# Data
dataset=mnst  =>  dataset: no dataset 'mnst'; did you mean 'mnist'
dataset=MNIST  =>  dataset: no dataset 'MNIST'
dataset=5  =>  dataset: no dataset 5
dataset=null  =>  dataset: no dataset null
dataset=[mnist]  =>  dataset: no dataset ['mnist']; did you mean 'mnist'
dataset=../mnist  =>  dataset: no dataset '../mnist'; did you mean 'mnist'
dataset=''  =>  dataset: no dataset ''
image_folder=null  =>  image_folder = null: input should be a mapping, like {name: value}.
image_folder=data/images  =>  image_folder = 'data/images': input should be a mapping, like {name: value}.
image_folder.rot=x  =>  image_folder: no parameter 'rot'; did you mean 'root'
image_folder.root=  =>  image_folder.root = null: input should be text.
image_folder.root=''  =>  image_folder.root = '': input should be at least one character.
image_folder.root="a\0b"  =>  image_folder.root: 'a\x00b' cannot name a folder
image_folder.root=5  =>  image_folder.root = 5: input should be text.
image_folder.root=[a]  =>  image_folder.root = ['a']: input should be text.
image_folder.pixels=0  =>  image_folder.pixels = 0: input should be greater than or equal to 1.
image_folder.pixels=-32  =>  image_folder.pixels = -32: input should be greater than or equal to 1.
image_folder.pixels=32.5  =>  image_folder.pixels = 32.5: input should be a whole number.
image_folder.pixels='32'  =>  image_folder.pixels = '32': input should be a whole number, not text.
image_folder.pixels=100000  =>  image_folder.pixels = 100000: input should be less than or equal to 4096.
image_folder.pixels=true  =>  image_folder.pixels = true: input should be a whole number.
image_folder.color=gray  =>  image_folder.color: no 'gray'; did you mean 'grey'
image_folder.color=null  =>  image_folder.color: no null
image_folder.color=3  =>  image_folder.color: no 3
image_folder.test_fraction=0  =>  image_folder.test_fraction = 0: input should be greater than 0.
image_folder.test_fraction=1  =>  image_folder.test_fraction = 1: input should be less than 1.
image_folder.test_fraction=20%  =>  image_folder.test_fraction = '20%': input should be a number, not text.
# Imbalance
imbalance=stepp  =>  imbalance: no 'stepp'; did you mean 'step'
imbalance=null  =>  imbalance: no null
imbalance=[step]  =>  imbalance: no ['step']; did you mean 'step'
rho=0.5  =>  rho = 0.5: input should be greater than or equal to 1.
rho=0  =>  rho = 0: input should be greater than or equal to 1.
rho=-50  =>  rho = -50: input should be greater than or equal to 1.
rho='5'  =>  rho = '5': input should be a number, not text.
rho=many  =>  rho = 'many': input should be a number, not text.
rho=true  =>  rho = true: input should be a number.
rho=.inf  =>  rho = inf: input should be a finite number.
rho=.nan  =>  rho = nan: input should be a finite number.
rho=nan  =>  rho = 'nan': input should be a number, not text.
rho=1e308  =>  rho = 1e+308 leaves a class empty: the largest class has n_max = 5000 images at most; choose rho from 1 to 5000.
rho=50:1  =>  rho = '50:1': input should be a number, not text.
rho=5001  =>  rho = 5001 leaves a class empty: the largest class has n_max = 5000 images at most; choose rho from 1 to 5000.
rho=1_000  =>  rho = '1_000': input should be a number, not text.
rho=2001-13-45  =>  rho = '2001-13-45': input should be a number, not text.
rho=0x_  =>  rho = '0x_': input should be a number, not text.
mu=0  =>  mu = 0: input should be greater than 0.
mu=1  =>  mu = 1: input should be less than 1.
mu=-0.5  =>  mu = -0.5: input should be greater than 0.
mu=50  =>  mu = 50: input should be less than 1.
mu='0.5'  =>  mu = '0.5': input should be a number, not text.
mu=1/2  =>  mu = '1/2': input should be a number, not text.
counts=5  =>  counts = 5: input should be a list, like [a, b].
counts=null  =>  counts = null: input should be a list, like [a, b].
counts=[0, 5]  =>  counts.0 = 0: input should be greater than 0.
counts=[-1]  =>  counts.0 = -1: input should be greater than 0.
counts=[1.5]  =>  counts.0 = 1.5: input should be a whole number.
counts=['5']  =>  counts.0 = '5': input should be a whole number, not text.
counts=[1, false]  =>  counts.1 = false: input should be a whole number.
counts={a: 5}  =>  counts = {'a': 5}: input should be a list, like [a, b].
counts=[[1]]  =>  counts.0 = [1]: input should be a whole number.
n_max=0  =>  n_max = 0: input should be greater than or equal to 1.
n_max=-1  =>  n_max = -1: input should be greater than or equal to 1.
n_max=0.5  =>  n_max = 0.5: input should be a whole number.
n_max='5000'  =>  n_max = '5000': input should be a whole number, not text.
n_max=1e3  =>  n_max = 1000.0: input should be a whole number.
n_max=10  =>  rho = 50 leaves a class empty: the largest class has n_max = 10 images at most; choose rho from 1 to 10.
minority=lowst  =>  minority: no 'lowst'; did you mean 'lowest'
minority=-1  =>  minority: no -1
shared=subsets  =>  shared: no 'subsets'; did you mean 'subset'
minority=null  =>  minority: no null
# Repetitions
replicates=0  =>  replicates = 0: input should be greater than or equal to 1.
replicates=-1  =>  replicates = -1: input should be greater than or equal to 1.
replicates=2.5  =>  replicates = 2.5: input should be a whole number.
replicates=1000000  =>  replicates = 1000000: input should be less than or equal to 10000.
replicates='6'  =>  replicates = '6': input should be a whole number, not text.
replicates=true  =>  replicates = true: input should be a whole number.
replicates=[6]  =>  replicates = [6]: input should be a whole number.
replicates=1e2  =>  replicates = 100.0: input should be a whole number.
seed=-1  =>  seed = -1: input should be greater than or equal to 0.
seed=0.5  =>  seed = 0.5: input should be a whole number.
seed='0'  =>  seed = '0': input should be a whole number, not text.
seed=null  =>  seed = null: input should be a whole number.
seed=[0, 1]  =>  seed = [0, 1]: input should be a whole number.
# How it is computed
reproducible=1  =>  reproducible = 1: input should be true or false.
reproducible='true'  =>  reproducible = 'true': input should be true or false.
reproducible=yes  =>  reproducible = 'yes': input should be true or false.
reproducible=null  =>  reproducible = null: input should be true or false.
device=gpu  =>  device: no 'gpu'; did you mean 'cpu'
device=cuda:0  =>  device: no 'cuda:0'; did you mean 'cuda'
device=0  =>  device: no 0
fleet=0  =>  fleet = 0: input should be greater than or equal to 1.
fleet=-1  =>  fleet = -1: input should be greater than or equal to 1.
fleet=1.5  =>  fleet = 1.5: input should be a whole number.
fleet='2'  =>  fleet = '2': input should be a whole number, not text.
fleet=auto  =>  fleet = 'auto': input should be a whole number, not text.
precision=bf16  =>  precision: no 'bf16'; did you mean 'bfloat16'
precision=16  =>  precision: no 16
precision=tf32  =>  precision tf32 is one of GPUs; choose float32 or bfloat16, or device: cuda.
budget=0  =>  budget = 0: input should be greater than 0.
budget=-0.1  =>  budget = -0.1: input should be greater than 0.
budget=1.1  =>  budget = 1.1: input should be less than or equal to 1.
budget=10  =>  budget = 10: input should be less than or equal to 1.
budget=1e-12  =>  budget = 1e-12 leaves none of the 10000 iterations; give 0.0001 or more.
budget='0.1'  =>  budget = '0.1': input should be a number, not text.
budget=10%  =>  budget = '10%': input should be a number, not text.
budget=true  =>  budget = true: input should be a number.
budget=0.00001  =>  budget = 1e-05 leaves none of the 10000 iterations; give 0.0001 or more.
protocol=papr  =>  protocol: no 'papr'; did you mean 'paper'
protocol=null  =>  protocol: no null
validation=1  =>  validation = 1: input should be less than 1.
validation=-0.1  =>  validation = -0.1: input should be greater than or equal to 0.
validation='0.1'  =>  validation = '0.1': input should be a number, not text.
validation=null  =>  validation = null: input should be a number.
rules=argmax  =>  rules = 'argmax': input should be a list, like [a, b].
rules=[]  =>  rules: list `argmax`, which the others are compared with, and each rule once.
rules=[prior]  =>  rules: list `argmax`, which the others are compared with, and each rule once.
rules=[argmax, argmax]  =>  rules: list `argmax`, which the others are compared with, and each rule once.
rules=[argmax, priors]  =>  rules.1: no 'priors'; did you mean 'prior'
rules=null  =>  rules = null: input should be a list, like [a, b].
rules=[argmax, 5]  =>  rules.1: no 5
rules=[argmax, deployment]  =>  rules: deployment needs the shares of the classes where the networks will be used; state them
rules=[argmax, threshold]  =>  rules: threshold is for two classes, and there are 10; drop the rule.
deployment=0.02  =>  deployment = 0.02: input should be a mapping, like {name: value}.
deployment={cat: 0.98, dog: 0.2}  =>  deployment: the shares of the classes add up to 1.18; let them add up to 1.
deployment={cat: 1, dog: 0}  =>  deployment.cat = 1: input should be less than 1.
deployment={size: 0.5, dog: 0.5}  =>  deployment: 'size' is a name that DVC's run-cache takes no notice of
deployment={cat: 0.98, dog: 0.02}  =>  deployment: no class 'cat'; choose from: 0, 1, 2, 3, 4, 5, 6, 7, 8, 9.
deployment={'0': 0.5, '1': 0.5}  =>  deployment: the class '2' has no share; add it.
two_classes=null  =>  two_classes = null: input should be a mapping, like {name: value}.
two_classes.aims=f1  =>  two_classes: no parameter 'aims'; did you mean 'aim'
two_classes.positive='1'  =>  two_classes.positive is one of two classes, and there are 10; write null.
two_classes.positive=[ill]  =>  two_classes.positive = ['ill']: input should be text.
two_classes.specificity=1  =>  two_classes.specificity = 1: input should be less than 1.
two_classes.sensitivity=95  =>  two_classes.sensitivity = 95: input should be less than 1.
two_classes.prevalence='rare'  =>  two_classes.prevalence = 'rare': input should be a number, not text.
two_classes.aim=yuden  =>  two_classes.aim: no aim 'yuden'; did you mean 'youden'
two_classes.aim=cost  =>  two_classes.aim: cost is an aim with a number above 0; write it like {cost: 0.9}.
two_classes.aim={sensitivity: 90}  =>  two_classes.aim: sensitivity is an aim with a number above 0, 1 at most; write it like
two_classes.aim={f1: 1, cost: 2}  =>  two_classes.aim: no aim {'f1': 1, 'cost': 2}; choose from: cost, f1
tau=-1  =>  tau = -1: input should be greater than or equal to 0.
tau=1e308  =>  tau = 1e+308: input should be less than or equal to 10.
tau='0.5'  =>  tau = '0.5': input should be a number, not text.
tau=null  =>  tau = null: input should be a number.
tau=[0.5]  =>  tau = [0.5]: input should be a number.
tau=.inf  =>  tau = inf: input should be a finite number.
# Recipes
network=lenet  =>  network: `recipes.mnist` has no network 'lenet'; did you mean 'lenet5'
network=resnet10  =>  network: `recipes.mnist` has no network 'resnet10'
network=5  =>  network = 5: input should be text.
network=null  =>  network = null: input should be text.
recipes={}  =>  recipes.mnist is missing: no network has a recipe for dataset 'mnist'; add one, or choose another dataset.
recipes=5  =>  recipes = 5: input should be a mapping, like {name: value}.
recipes.mnist=null  =>  recipes.mnist = null: input should be a mapping, like {name: value}.
recipes.mnist={}  =>  recipes.mnist is missing: no network has a recipe for dataset 'mnist'; add one, or choose another dataset.
recipes.mnst={}  =>  recipes: no dataset 'mnst'; did you mean 'mnist'
recipes.5={}  =>  recipes: no dataset 5
recipes.mnist.lenet5=5  =>  recipes.mnist.lenet5 = 5: input should be a mapping, like {name: value}.
recipes.mnist.lenet5={}  =>  recipes.mnist.lenet5.inputs is missing; add it.
recipes.mnist.lenet5.bsae_lr=1  =>  recipes.mnist.lenet5: no parameter 'bsae_lr'; did you mean 'base_lr'
recipes.mnist.lenet5.batch=0  =>  recipes.mnist.lenet5.batch = 0: input should be greater than or equal to 1.
recipes.mnist.lenet5.batch=100000  =>  recipes.mnist.lenet5.batch = 100000: input should be less than or equal to 8192.
recipes.mnist.lenet5.batch=true  =>  recipes.mnist.lenet5.batch = true: input should be a whole number.
recipes.mnist.lenet5.batch='64'  =>  recipes.mnist.lenet5.batch = '64': input should be a whole number, not text.
recipes.mnist.lenet5.iter_size=0  =>  recipes.mnist.lenet5.iter_size = 0: input should be greater than or equal to 1.
recipes.mnist.lenet5.iter_size=100000  =>  recipes.mnist.lenet5.iter_size = 100000: input should be less than or equal to 1000.
recipes.mnist.lenet5.iterations=0  =>  recipes.mnist.lenet5.iterations = 0: input should be greater than or equal to 1.
recipes.mnist.lenet5.iterations=1000000000000  =>  recipes.mnist.lenet5.iterations = 1000000000000: input should be less than or equal to 10000000.
recipes.mnist.lenet5.iterations=1e4  =>  recipes.mnist.lenet5.iterations = 10000.0: input should be a whole number.
~recipes.mnist.lenet5.iterations  =>  recipes.mnist.lenet5: give either `iterations` or `epochs`.
recipes.mnist.lenet5.epochs=3  =>  recipes.mnist.lenet5: give either `iterations` or `epochs`.
recipes.mnist.lenet5.epochs=0  =>  recipes.mnist.lenet5.epochs = 0: input should be greater than or equal to 1.
recipes.mnist.lenet5.base_lr=0  =>  recipes.mnist.lenet5.base_lr = 0: input should be greater than or equal to 0.000000000001.
recipes.mnist.lenet5.base_lr=-0.01  =>  recipes.mnist.lenet5.base_lr = -0.01: input should be greater than or equal to 0.000000000001.
recipes.mnist.lenet5.base_lr=[]  =>  recipes.mnist.lenet5.base_lr = []: input should be a list with at least one value.
recipes.mnist.lenet5.base_lr=[0.1, -1]  =>  recipes.mnist.lenet5.base_lr.1 = -1: input should be greater than or equal to 0.000000000001.
recipes.mnist.lenet5.base_lr=[0.1, 0.1]  =>  recipes.mnist.lenet5.base_lr: list each rate once; `repeats` tries each of them several times.
recipes.mnist.lenet5.base_lr='0.01'  =>  recipes.mnist.lenet5.base_lr = '0.01': input should be a number, not text.
recipes.mnist.lenet5.base_lr=1e308  =>  recipes.mnist.lenet5.base_lr = 1e+308: input should be less than or equal to 1000000000000.
recipes.mnist.lenet5.base_lr=null  =>  recipes.mnist.lenet5.base_lr = null: input should be a number.
recipes.mnist.lenet5.base_lr={a: 1}  =>  recipes.mnist.lenet5.base_lr = {'a': 1}: input should be a number.
recipes.mnist.lenet5.repeats=0  =>  recipes.mnist.lenet5.repeats = 0: input should be greater than or equal to 1.
recipes.mnist.lenet5.repeats=1000000  =>  recipes.mnist.lenet5.repeats = 1000000: input should be less than or equal to 100.
recipes.mnist.lenet5.up_to=0  =>  recipes.mnist.lenet5.up_to = 0: input should be greater than or equal to 1.
recipes.mnist.lenet5.policy=inv  =>  recipes.mnist.lenet5.policy = 'inv': input should be a mapping, like {name: value}.
recipes.mnist.lenet5.policy.name=step  =>  recipes.mnist.lenet5.policy.name: no 'step'; did you mean 'multistep'
~recipes.mnist.lenet5.policy.name  =>  recipes.mnist.lenet5.policy.name is missing; add it, as it says what the other parameters are of.
recipes.mnist.lenet5.policy.gama=1  =>  recipes.mnist.lenet5.policy: no parameter 'gama'; did you mean 'gamma'
recipes.mnist.lenet5.policy.gamma=-1  =>  recipes.mnist.lenet5.policy.gamma = -1: input should be greater than or equal to 0.
recipes.mnist.lenet5.policy.gamma=1e308  =>  recipes.mnist.lenet5.policy.gamma = 1e+308: input should be less than or equal to 1.
recipes.mnist.lenet5.policy.power=-1  =>  recipes.mnist.lenet5.policy.power = -1: input should be greater than or equal to 0.
recipes.mnist.lenet5.policy.power='1'  =>  recipes.mnist.lenet5.policy.power = '1': input should be a number, not text.
recipes.mnist.lenet5.policy.power=1000  =>  recipes.mnist.lenet5.policy.power = 1000: input should be less than or equal to 10.
recipes.mnist.lenet5.policy={name: poly, power: 1e308}  =>  recipes.mnist.lenet5.policy.power = 1e+308: input should be less than or equal to 10.
recipes.mnist.lenet5.policy={name: poly}  =>  recipes.mnist.lenet5.policy.power is missing; add it.
recipes.cifar10.resnet32.policy.gamma=0  =>  recipes.cifar10.resnet32.policy.gamma = 0: input should be greater than or equal to 0.000001.
recipes.cifar10.resnet32.policy.gamma=10  =>  recipes.cifar10.resnet32.policy.gamma = 10: input should be less than or equal to 1.
recipes.cifar10.resnet32.policy.steps=[]  =>  recipes.cifar10.resnet32.policy.steps: list one step or more, in rising order, each once, like [160, 180].
recipes.cifar10.resnet32.policy.steps=160  =>  recipes.cifar10.resnet32.policy.steps = 160: input should be a list, like [a, b].
recipes.cifar10.resnet32.policy.steps=[180, 160]  =>  recipes.cifar10.resnet32.policy.steps: list one step or more, in rising order, each once, like [160, 180].
recipes.cifar10.resnet32.policy.steps=[0]  =>  recipes.cifar10.resnet32.policy.steps.0 = 0: input should be greater than 0.
recipes.cifar10.resnet32.policy.steps=[160, 300]  =>  recipes.cifar10.resnet32: the policy's steps and warm-up must come before the end, which is after 200 epochs; to shorten a run, lower `budget`, which moves the steps, too.
recipes.cifar10.resnet32.policy.warmup=-1  =>  recipes.cifar10.resnet32.policy.warmup = -1: input should be greater than or equal to 0.
recipes.cifar10.resnet32.policy.warmup=300  =>  recipes.cifar10.resnet32: the policy's steps and warm-up must come before the end, which is after 200 epochs; to shorten a run, lower `budget`, which moves the steps, too.
recipes.mnist.lenet5.solver.name=adm  =>  recipes.mnist.lenet5.solver.name: no 'adm'; did you mean 'adam'
recipes.mnist.lenet5.solver.momentum=1  =>  recipes.mnist.lenet5.solver.momentum = 1: input should be less than 1.
recipes.mnist.lenet5.solver.momentum=-0.1  =>  recipes.mnist.lenet5.solver.momentum = -0.1: input should be greater than or equal to 0.
recipes.mnist.lenet5.solver.weight_decay=-1  =>  recipes.mnist.lenet5.solver.weight_decay = -1: input should be greater than or equal to 0.
recipes.mnist.lenet5.solver.weight_decay=1e308  =>  recipes.mnist.lenet5.solver.weight_decay = 1e+308: input should be less than or equal to 1.
recipes.mnist.lenet5.solver.bias_lr=0  =>  recipes.mnist.lenet5.solver.bias_lr = 0: input should be greater than or equal to 0.001.
recipes.mnist.lenet5.solver.nesterov=true  =>  recipes.mnist.lenet5.solver: no parameter 'nesterov'
recipes.cifar10.resnet32.solver.nesterov=1  =>  recipes.cifar10.resnet32.solver.nesterov = 1: input should be true or false.
recipes.cifar10.resnet32.solver={name: sgd, momentum: 0, weight_decay: 0, nesterov: true}  =>  recipes.cifar10.resnet32.solver: `nesterov: true` needs a `momentum` above 0, such as 0.9.
recipes.mnist.lenet5.solver={name: adam, beta: 1}  =>  recipes.mnist.lenet5.solver: no parameter 'beta'
recipes.mnist.lenet5.inputs.name=scal  =>  recipes.mnist.lenet5.inputs.name: no 'scal'; did you mean 'scale'
recipes.mnist.lenet5.inputs.factor=0  =>  recipes.mnist.lenet5.inputs.factor = 0: input should be greater than or equal to 0.000001.
recipes.mnist.lenet5.inputs.factor=256  =>  recipes.mnist.lenet5.inputs.factor = 256: input should be less than or equal to 1.
recipes.mnist.lenet5.inputs.factor=1/256  =>  recipes.mnist.lenet5.inputs.factor = '1/256': input should be a number, not text.
recipes.cifar10.resnet32.inputs.mean=[125, 123, 114]  =>  recipes.cifar10.resnet32.inputs.mean.0 = 125: input should be less than or equal to 1.
recipes.cifar10.resnet32.inputs.std=[0, 0, 0]  =>  recipes.cifar10.resnet32.inputs.std.0 = 0: input should be greater than or equal to 0.001.
recipes.cifar10.resnet32.inputs.std=[0.2]  =>  recipes.cifar10.resnet32.inputs: mean is of 3 channels, std of 1; give both for each channel.
recipes.cifar10.resnet32.inputs.mean=0.5  =>  recipes.cifar10.resnet32.inputs.mean = 0.5: input should be a list, like [a, b].
recipes.cifar10.all_cnn.inputs.norm=0  =>  recipes.cifar10.all_cnn.inputs.norm = 0: input should be greater than or equal to 0.001.
recipes.cifar10.all_cnn.inputs.epsilon=0  =>  recipes.cifar10.all_cnn.inputs.epsilon = 0: input should be greater than or equal to 0.00000001.
recipes.cifar10.all_cnn.inputs.fit=some  =>  recipes.cifar10.all_cnn.inputs.fit: no 'some'
recipes.cifar10.resnet32.augmentation.padding=-1  =>  recipes.cifar10.resnet32.augmentation.padding = -1: input should be greater than or equal to 0.
recipes.cifar10.resnet32.augmentation.padding=100000  =>  recipes.cifar10.resnet32.augmentation.padding = 100000: input should be less than or equal to 64.
recipes.cifar10.resnet32.augmentation.mirror=1  =>  recipes.cifar10.resnet32.augmentation.mirror = 1: input should be true or false.
# Methods
methods=null  =>  methods = null: input should be a mapping, like {name: value}.
methods=[]  =>  methods = []: input should be a mapping, like {name: value}.
methods={}  =>  methods: `baseline` is missing, which every other method is compared with; add `baseline: {method: baseline, start: initial}`.
~methods.baseline  =>  methods: `baseline` is missing, which every other method is compared with; add `baseline: {method: baseline, start: initial}`.
methods.x=oversampling  =>  methods.x: must be a mapping, like {method: oversampling, start: initial}.
methods.x=null  =>  methods.x: must be a mapping, like {method: oversampling, start: initial}.
methods.x={}  =>  methods.x: `method` must name a method
methods.x={start: initial}  =>  methods.x: `method` must name a method
methods.x={method: baseline}  =>  methods.x.start is missing; add it.
methods.x={method: baseline, start: null}  =>  methods.x.start = null: input should be text.
methods.x={method: baseline, start: 5}  =>  methods.x.start = 5: input should be text.
methods.x={method: basline, start: initial}  =>  methods.x: no method 'basline'; did you mean 'baseline'
methods.x={method: null, start: initial}  =>  methods.x: `method` must name a method
methods.x={method: ../baseline, start: initial}  =>  methods.x: no method '../baseline'; did you mean 'baseline'
methods.x={method: __init__, start: initial}  =>  methods.x: no method '__init__'
methods.x={method: [baseline], start: initial}  =>  methods.x: `method` must name a method
methods.x={method: two_phase, start: oversamplin}  =>  methods.x.start: no method 'oversamplin'; did you mean 'oversampling'
methods.x={method: two_phase, start: two_phase}  =>  methods.x.start: no method 'two_phase'; did you mean 'two_phase_over'
methods.x={method: baseline, start: x}  =>  methods: x <- x start from each other in a circle; let one of them start from initial.
methods.x={method: two_phase, start: initial}  =>  methods.x: needs trained features: `start` must name another method, such as oversampling.
methods.x={method: baseline, start: initial, 5: 1}  =>  methods.x: no parameter 5
methods.initial={method: baseline, start: initial}  =>  methods: 'initial' cannot name a method; use lower-case letters, digits, _ (and not 'initial').
methods.a/b={method: baseline, start: initial}  =>  methods: 'a/b' cannot name a method; use lower-case letters, digits, _ (and not 'initial').
methods.5={method: baseline, start: initial}  =>  methods: 5 cannot name a method; use lower-case letters, digits, _ (and not 'initial').
methods.null={method: baseline, start: initial}  =>  methods: null cannot name a method; use lower-case letters, digits, _ (and not 'initial').
methods.true={method: baseline, start: initial}  =>  methods: true cannot name a method; use lower-case letters, digits, _ (and not 'initial').
methods.Caps={method: baseline, start: initial}  =>  methods: 'Caps' cannot name a method; use lower-case letters, digits, _ (and not 'initial').
methods.xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx={method: baseline, start: initial}  =>  methods: 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx ... cannot name a method; use lower-case letters, digits, _ (and not 'initial').
methods.ö={method: baseline, start: initial}  =>  methods: 'ö' cannot name a method; use lower-case letters, digits, _ (and not 'initial').
methods.'x; touch pwned'={method: baseline, start: initial}  =>  methods: 'x; touch pwned' cannot name a method; use lower-case letters, digits, _ (and not 'initial').
methods.baseline.method=basline  =>  methods.baseline: no method 'basline'; did you mean 'baseline'
methods.baseline.start=initia  =>  methods.baseline.start: no method 'initia'; did you mean 'initial'
~methods.baseline.start  =>  methods.baseline.start is missing; add it.
~methods.baseline.method  =>  methods.baseline: `method` must name a method
methods.oversampling.ratoi=2  =>  methods.oversampling: no parameter 'ratoi'; did you mean 'ratio'
methods.oversampling.ratio=0.5  =>  methods.oversampling.ratio = 0.5: input should be greater than or equal to 1.
methods.oversampling.ratio='1'  =>  methods.oversampling.ratio = '1': input should be a number, not text.
methods.oversampling.ratio=false  =>  methods.oversampling.ratio = false: input should be a number.
methods.oversampling.ratio=.inf  =>  methods.oversampling.ratio = inf: input should be a finite number.
methods.oversampling.ratio=null  =>  methods.oversampling.ratio = null: input should be a number.
methods.oversampling.lr_factor=0  =>  methods.oversampling.lr_factor = 0: input should be greater than or equal to 0.000001.
methods.oversampling.lr_factor=1e308  =>  methods.oversampling.lr_factor = 1e+308: input should be less than or equal to 1000.
methods.oversampling.lr_factor='0.1'  =>  methods.oversampling.lr_factor = '0.1': input should be a number, not text.
methods.oversampling.validation=1  =>  methods.oversampling.validation = 1: input should be less than 1.
methods.undersampling.ratio=0  =>  methods.undersampling.ratio = 0: input should be greater than or equal to 1.
methods.undersampling.fresh=1  =>  methods.undersampling.fresh = 1: input should be true or false.
methods.undersampling.fresh=maybe  =>  methods.undersampling.fresh = 'maybe': input should be true or false.
methods.undersampling.sampler={name: oversampling}  =>  methods.undersampling: has a sampler of its own; drop `sampler: {name: oversampling}`.
methods.x={method: focal, start: initial, sampler: {name: over}}  =>  methods.x.sampler.name: no 'over'; did you mean 'oversampling'
methods.x={method: focal, start: initial, sampler: {ratio: 1}}  =>  methods.x.sampler.name is missing; add it, as it says what the other parameters are of.
methods.x={method: focal, start: initial, sampler: oversampling}  =>  methods.x.sampler = 'oversampling': input should be a mapping, like {name: value}.
methods.x={method: focal, start: initial, sampler: {name: oversampling, ratio: 0}}  =>  methods.x.sampler.ratio = 0: input should be greater than or equal to 1.
methods.x={method: focal, start: initial, sampler: {name: power, q: 2}}  =>  methods.x.sampler.q = 2: input should be less than or equal to 1.
methods.x={method: focal, start: initial, gamma: -1}  =>  methods.x.gamma = -1: input should be greater than or equal to 0.
methods.x={method: focal, start: initial, gamma: 1e308}  =>  methods.x.gamma = 1e+308: input should be less than or equal to 10.
methods.x={method: focal, start: initial, weights: {name: inverted}}  =>  methods.x.weights.name: no 'inverted'; did you mean 'inverse'
methods.x={method: focal, start: initial, weights: {power: 1}}  =>  methods.x.weights.name is missing; add it, as it says what the other parameters are of.
methods.x={method: focal, start: initial, weights: {name: inverse, power: -1}}  =>  methods.x.weights.power = -1: input should be greater than or equal to 0.
methods.x={method: focal, start: initial, sampler: {name: deferred, sampler: {name: deferred}}}  =>  methods.x.sampler.sampler.name: no 'deferred'
methods.x={method: focal, start: initial, sampler: {name: deferred, after: 80}}  =>  methods.x.sampler.after = 80: input should be less than or equal to 1.
methods.x={method: focal, start: initial, form: softmx}  =>  methods.x.form: no 'softmx'; did you mean 'softmax'
methods.x={method: balanced_softmax, start: initial, tau: -1}  =>  methods.x.tau = -1: input should be greater than or equal to 0.
methods.x={method: balanced_softmax, start: initial, tau: 1e308}  =>  methods.x.tau = 1e+308: input should be less than or equal to 10.
methods.x={method: ldam, start: initial, max_margin: -1}  =>  methods.x.max_margin = -1: input should be greater than or equal to 0.
methods.x={method: ldam, start: initial, max_margin: 1e308}  =>  methods.x.max_margin = 1e+308: input should be less than or equal to 2.
methods.x={method: ldam, start: initial, scale: 0}  =>  methods.x.scale = 0: input should be greater than or equal to 0.001.
methods.x={method: ldam, start: initial, weights: {name: class_balanced, beta: 1}}  =>  methods.x.weights.beta = 1: input should be less than 1.
methods.x={method: ldam, start: initial, weights: {name: class_balanced, after: 80}}  =>  methods.x.weights.after = 80: input should be less than or equal to 1.
methods.x={method: mfe, start: initial, weights: {name: inverse}}  =>  methods.x: has no losses of examples to weigh; drop `weights: {name: inverse}`.
methods.x={method: mfe, start: initial, error: square}  =>  methods.x.error: no 'square'; did you mean 'squared'
methods.x={method: msfe, start: initial, mean: 1}  =>  methods.x.mean = 1: input should be true or false.
methods.x={method: weighted_cross_entropy, start: initial, weights: {name: inverse, normalisation: mean}}  =>  methods.x.weights.normalisation: no 'mean'
methods.x={method: smote, start: initial, neighbors: 0}  =>  methods.x.neighbors = 0: input should be greater than or equal to 1.
methods.x={method: smote_features, start: baseline, neighbors: 2.5}  =>  methods.x.neighbors = 2.5: input should be a whole number.
methods.x={method: pseudo_features, start: baseline, multiplier: 1e308}  =>  methods.x.multiplier = 1e+308: input should be less than or equal to 1000.
methods.x={method: pseudo_features, start: baseline, variance: 0}  =>  methods.x.variance = 0: input should be greater than 0.
methods.x={method: pseudo_features, start: baseline, shrinkage: 2}  =>  methods.x.shrinkage = 2: input should be less than or equal to 1.
methods.x={method: perturbed_features, start: baseline, multiplier: 0.5}  =>  methods.x.multiplier = 0.5: input should be greater than or equal to 1.
methods.x={method: perturbed_features, start: baseline, variance: 1e308}  =>  methods.x.variance = 1e+308: input should be less than or equal to 1000.
methods.x={method: tau_normalisation, start: baseline, tau: 1e308}  =>  methods.x.tau = 1e+308: input should be less than or equal to 10.
methods.x={method: tau_normalisation, start: baseline, tau: -1}  =>  methods.x.tau = -1: input should be greater than or equal to 0.
methods.x={method: tau_normalisation, start: initial, tau: null}  =>  methods.x: tunes on held-out data: `validation` must be a fraction above 0, such as 0.1.
methods.x={method: differential_evolution, start: baseline}  =>  methods.x would tune on data that baseline is trained on; give baseline the same `validation: 0.1`.
methods.x={method: differential_evolution, start: initial, population: 4}  =>  methods.x.population = 4: input should be greater than or equal to 5.
methods.x={method: differential_evolution, start: initial, generations: 1000000000}  =>  methods.x.generations = 1000000000: input should be less than or equal to 10000.
methods.x={method: differential_evolution, start: initial, validation: 0}  =>  methods.x.validation = 0: input should be greater than 0.
methods.x={method: dynamic_sampling, start: initial, validation: 0}  =>  methods.x.validation = 0: input should be greater than 0.
methods.x={method: dynamic_sampling, start: initial, fused: 2}  =>  methods.x.fused = 2: input should be true or false.
methods.x={method: easy_ensemble, start: initial, subsets: 0}  =>  methods.x.subsets = 0: input should be greater than or equal to 1.
methods.x={method: easy_ensemble, start: initial, subsets: 100000}  =>  methods.x.subsets = 100000: input should be less than or equal to 100.
processes=0  =>  processes = 0: input should be greater than or equal to 1.
processes=1.5  =>  processes = 1.5: input should be
processes=two  =>  processes = 'two': input should be
processes=2  =>  2 processes cannot share the 1 batches of an iteration
image_folder.bits=7  =>  image_folder.bits: no number of bits 7
image_folder.bits=17  =>  image_folder.bits: no number of bits 17
image_folder.bits=sixteen  =>  image_folder.bits: no number of bits 'sixteen'
csv.file=''  =>  csv.file = '': input should be at least one character.
csv.file=~/x.csv  =>  csv.file: DVC takes ~ for a folder of that name; write
csv.label=5  =>  csv.label = 5: input should be text.
csv.categorical=x  =>  csv.categorical = 'x': input should be a list, like [a, b].
csv.drop=x  =>  csv.drop = 'x': input should be a list, like [a, b].
csv.test_fraction=1  =>  csv.test_fraction = 1: input should be less than 1.
image_folder.root=~/images  =>  image_folder.root: DVC takes ~ for a folder of that name; write
image_folder.labels=5  =>  image_folder.labels = 5: input should be text.
image_folder.group=a/.*  =>  image_folder.group: 'a/.*' must have one group in parentheses, such as
image_folder.splits=10  =>  image_folder.splits: no 10; choose from: one, repeated.
"""

CASES = [
    tuple(part.strip() for part in line.split("  =>  "))
    for line in BAD.splitlines()
    if line and not line.startswith("#")
]


def test_there_are_142_or_more() -> None:
    assert len(set(CASES)) == len(CASES) >= 142


@pytest.mark.parametrize(("change", "sentence"), CASES, ids=[change[:40] for change, _ in CASES])
def test_a_bad_value_is_refused_in_a_sentence(change: str, sentence: str, tmp_path: Path) -> None:
    first, *others = refusal(changed(change), tmp_path)
    assert first.startswith(sentence)
    for problem in (first, *others):
        assert problem.endswith(".")
        assert not any(
            word in problem for word in ("None", "True", "False", "tuple", "dictionary", "function")
        )
    if others:  # the values of one list, or what one empty block lacks
        place = sentence.split(" ")[0].rpartition(".")[0]
        assert all(other.startswith(place) for other in others)
    assert list(tmp_path.iterdir()) == [tmp_path / "params.yaml"], "something was executed"


def test_every_parameter_of_the_default_file_has_a_bad_value() -> None:
    def paths(value: Any, above: str = "") -> list[str]:
        if not isinstance(value, dict):
            return [above]
        return [path for key, part in value.items() for path in paths(part, f"{above}.{key}".lstrip("."))]

    tried = {change.partition("=")[0].lstrip("~").split(".")[-1] for change, _ in CASES}
    untried = {path for path in paths(DEFAULT) if path.split(".")[-1] not in tried}
    assert untried <= {"methods.two_phase_over.lr_factor"}


def test_one_bad_method_makes_one_line(tmp_path: Path) -> None:
    text = changed("methods.baseline.method=basline")
    assert len(refusal(text, tmp_path)) == 1, "not also that `baseline` is missing"
    text = changed("methods.oversampling.ratio=0")
    assert len(refusal(text, tmp_path)) == 1, "not also that two_phase_over starts from nothing"


def test_a_method_names_no_folder_elsewhere(tmp_path: Path) -> None:
    """DVC would delete it, as an output, before the stage runs."""
    text = changed("methods.x={method: baseline, start: initial}").replace("  x:", "  ../../precious:")
    assert refusal(text, tmp_path)[0].startswith(
        "methods: '../../precious' cannot name a method; use lower-case"
    )


def test_two_bad_methods_make_two_lines(tmp_path: Path) -> None:
    text = changed("methods.oversampling.ratio=0").replace("fresh: false", "frsh: false")
    assert [problem.split(" ")[0] for problem in refusal(text, tmp_path)] == [
        "methods.oversampling.ratio",
        "methods.undersampling:",
    ]
