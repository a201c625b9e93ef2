"""The embeddable custom elements, and the widget's own words in every language."""
