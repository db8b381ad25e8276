"""How does a number reach CloudWatch? As a line of the log in the embedded metric format, which costs no call.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

import json
import os
import time


def put(name, value, unit):
    """A metric of the namespace SessionManagement, with the dimension Stage."""
    described = {"Namespace": "SessionManagement", "Dimensions": [["Stage"]], "Metrics": [{"Name": name, "Unit": unit}]}
    about = {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [described]}
    print(json.dumps({"_aws": about, "Stage": os.environ["STAGE"], name: value}))
