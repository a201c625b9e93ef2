"""The credit model as an MLflow model: ``python mlflow_model.py FOLDER``, then ``mlflow models serve -m FOLDER``."""

import sys
from pathlib import Path
from typing import Any

import mlflow.pyfunc

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from trees import MODEL, Trees


class Credit(mlflow.pyfunc.PythonModel):
    """``POST /invocations {"dataframe_split": ...}`` -> ``{"predictions": [0.1, ...]}``."""

    def load_context(self, context: Any) -> None:
        """Read the model."""
        self.trees = Trees(Path(context.artifacts["trees"]))

    def predict(self, context: Any, model_input: Any, params: Any = None) -> list[float]:
        """Answer each row of the frame."""
        return self.trees.predict(model_input[self.trees.features].values.tolist())


if __name__ == "__main__":
    mlflow.pyfunc.save_model(
        sys.argv[1],
        python_model=Credit(),
        artifacts={"trees": str(MODEL)},
        code_paths=[str(Path(__file__).resolve().parents[1] / "trees.py")],
        pip_requirements=[],
    )
